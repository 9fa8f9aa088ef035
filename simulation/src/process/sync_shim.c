/* Preloaded into the server: counts calls of fsync and fdatasync, fails one of them, or lets one take long. Only files
 * count: SQLite takes no notice of a folder's sync that failed, by its own choice.
 *
 * QUITTANCE_SYNC_COUNT     file that gets two 64-bit numbers: calls so far, and when (ns since 1970) the one was hit
 * QUITTANCE_SYNC_FAIL_AT   this call (from 1) does nothing and fails with EIO
 * QUITTANCE_SYNC_SLEEP_AT  this call takes five seconds and then does its work
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_llong calls;
static int report = -1;
static long long fail_at;
static long long sleep_at;

static long long number(const char *name) {
  const char *text = getenv(name);
  return text ? atoll(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("QUITTANCE_SYNC_COUNT");
  if (path) report = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  fail_at = number("QUITTANCE_SYNC_FAIL_AT");
  sleep_at = number("QUITTANCE_SYNC_SLEEP_AT");
}

static void write_at(off_t place, int64_t value) {
  if (report >= 0 && pwrite(report, &value, sizeof value, place) != sizeof value) abort();
}

static int synced(long call, int fd) {
  struct stat found;
  if (fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) return (int)syscall(call, fd);
  long long mine = atomic_fetch_add(&calls, 1) + 1;
  write_at(0, mine);
  if (mine == fail_at || mine == sleep_at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    write_at(8, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
  }
  if (mine == fail_at) {
    errno = EIO;
    return -1;
  }
  if (mine == sleep_at) {
    struct timespec left = {5, 0};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
  return (int)syscall(call, fd);
}

int fsync(int fd) { return synced(SYS_fsync, fd); }
int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }
