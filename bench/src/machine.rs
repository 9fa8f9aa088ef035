//! The kernel's counters: what a process took of the processors, what a disk wrote, what neighbours stole.

use crate::Failed;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes of a sector in the kernel's statistics, whatever the disk has.
const SECTOR_BYTES: u64 = 512;
/// Where the index of SQLite's log counts its transactions (`iChange` of its header, in the machine's byte order).
const COMMITS_AT: u64 = 8;
/// Where SQLite's log counts how often it began anew (big-endian).
const RESTARTS_AT: u64 = 12;
/// A tick of the kernel's clock is 10 ms on every Linux that `/proc` speaks of.
pub const TICK_NANOS: u64 = 10_000_000;
/// Times that a family is read, of whose children one ends meanwhile.
const FAMILY_TRIES: usize = 5;

/// What a process took since it began.
#[derive(Clone, Copy, Default)]
pub struct Usage {
    /// Processor time in nanoseconds, of the kernel too.
    pub cpu_nanos: u64,
    /// Bytes of the pages that it made dirty: what goes to the disk because of it.
    pub written: u64,
}

impl Usage {
    /// Of two.
    pub fn add(&mut self, other: Usage) {
        self.cpu_nanos += other.cpu_nanos;
        self.written += other.written;
    }
}

/// What a disk did since it was attached, for whomever.
#[derive(Clone, Copy, Default)]
pub struct Disk {
    /// Writes completed.
    pub writes: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Flushes completed: what a sync asks for.
    pub flushes: u64,
}

/// What the machine's processors did since it began, in the kernel's ticks.
#[derive(Clone, Copy, Default)]
pub struct Processors {
    /// All ticks.
    pub total: u64,
    /// Ticks in which something ran here.
    pub busy: u64,
    /// Ticks that the host gave to others.
    pub stolen: u64,
}

/// What the server's store did since the log was made.
#[derive(Clone, Copy, Default)]
pub struct Commits {
    /// Transactions.
    pub commits: u64,
    /// How often the log was moved into the database and began anew.
    pub restarts: u64,
}

/// What a process took until now.
///
/// # Errors
/// Where it is not there.
pub fn usage(process: u32) -> Result<Usage, Failed> {
    let mut cpu_nanos = 0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        cpu_nanos += number(text.split_whitespace().next())?;
    }
    let io = fs::read_to_string(format!("/proc/{process}/io"))?;
    let written = field(&io, "write_bytes:")?;
    Ok(Usage { cpu_nanos, written })
}

/// What several processes took until now.
///
/// # Errors
/// Where one of them is not there.
pub fn usages(processes: &[u32]) -> Result<Usage, Failed> {
    let mut all = Usage::default();
    for process in processes {
        all.add(usage(*process)?);
    }
    Ok(all)
}

/// What a process and its children took until now, those that have ended included.
///
/// # Errors
/// Where it is not there, or its children come and go too fast to be read.
pub fn family(process: u32) -> Result<Usage, Failed> {
    let mut whole = Err("it has no children".into());
    for _ in 0..FAMILY_TRIES {
        whole = family_once(process);
        if whole.is_ok() {
            break;
        }
    }
    whole
}

/// Fails where a child ends meanwhile: what it took is its parent's then, who was read before.
fn family_once(process: u32) -> Result<Usage, Failed> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let mut all = usage(process)?;
    // Pages that ended children made dirty are their parent's already, processor time is counted beside.
    let ticks = stat(process, 15)? + stat(process, 16)?;
    all.cpu_nanos += ticks * TICK_NANOS;
    for child in children.split_whitespace() {
        all.add(usage(child.parse()?)?);
    }
    Ok(all)
}

/// The process that started another.
///
/// # Errors
/// Where that is not there.
pub fn parent(process: u32) -> Result<u32, Failed> {
    Ok(u32::try_from(stat(process, 3)?)?)
}

/// A number of `/proc/PID/stat`, counted from 0.
fn stat(process: u32, at: usize) -> Result<u64, Failed> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the program's name, in brackets, whatever is in it.
    let rest = text.rsplit(')').next().unwrap_or_default();
    number(rest.split_whitespace().nth(at.saturating_sub(2)))
}

/// Memory of a process: what it holds in RAM, in KiB.
///
/// # Errors
/// Where it is not there.
pub fn memory_kib(process: u32) -> Result<u64, Failed> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    field(&status, "VmRSS:")
}

/// The most memory that a process ever held, in KiB.
///
/// # Errors
/// Where it is not there.
pub fn memory_peak_kib(process: u32) -> Result<u64, Failed> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    field(&status, "VmHWM:")
}

/// Writes everything that waits for the folder's disk, so that its counters tell all.
///
/// # Errors
/// Where the disk fails.
pub fn sync(folder: &Path) -> Result<(), Failed> {
    let done = Command::new("sync").arg("-f").arg(folder).status()?;
    if !done.success() {
        return Err(format!("sync -f {}: {done}", folder.display()).into());
    }
    Ok(())
}

/// The counters of the disk that holds a folder.
///
/// # Errors
/// Where no disk is under it: a folder in memory, or a file system over many disks.
pub fn disk(folder: &Path) -> Result<Disk, Failed> {
    let device = fs::metadata(folder)?.dev();
    let major = (device >> 8 & 0xfff) | (device >> 32 & 0xffff_f000);
    let minor = (device & 0xff) | (device >> 12 & 0xffff_ff00);
    let path = PathBuf::from(format!("/sys/dev/block/{major}:{minor}/stat"));
    let text = fs::read_to_string(&path).map_err(|error| {
        let (folder, path) = (folder.display(), path.display());
        format!("{folder} is on no disk that the kernel counts ({path}: {error}): choose another with --data, for PostgreSQL with TMPDIR")
    })?;
    let fields: Vec<&str> = text.split_whitespace().collect();
    Ok(Disk {
        writes: number(fields.get(4).copied())?,
        bytes: number(fields.get(6).copied())? * SECTOR_BYTES,
        flushes: number(fields.get(15).copied())?,
    })
}

/// What the processors did.
///
/// # Errors
/// Where the kernel does not say.
pub fn processors() -> Result<Processors, Failed> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks = line
        .split_whitespace()
        .skip(1)
        .take(8)
        .map(|ticks| number(Some(ticks)))
        .collect::<Result<Vec<u64>, Failed>>()?;
    let [user, nice, system, idle, iowait, irq, softirq, stolen] = ticks[..] else {
        return Err("/proc/stat has another form than expected".into());
    };
    let busy = user + nice + system + irq + softirq;
    Ok(Processors {
        total: busy + idle + iowait + stolen,
        busy,
        stolen,
    })
}

/// What the store under a folder committed: SQLite counts it in the files beside the database.
///
/// # Errors
/// Where there is no such file: the store is another one, and has to be counted in another way.
pub fn commits(database: &Path) -> Result<Commits, Failed> {
    let at = |file: &str, offset: u64| -> Result<[u8; 4], Failed> {
        let mut bytes = [0; 4];
        let path = database.join(file);
        File::open(&path)
            .and_then(|file| file.read_exact_at(&mut bytes, offset))
            .map_err(|error| format!("commits cannot be counted: {}: {error}", path.display()))?;
        Ok(bytes)
    };
    Ok(Commits {
        commits: u64::from(u32::from_ne_bytes(at("quittance.db-shm", COMMITS_AT)?)),
        restarts: u64::from(u32::from_be_bytes(at("quittance.db-wal", RESTARTS_AT)?)),
    })
}

/// The machine in one line.
pub fn name() -> String {
    let mut text = String::new();
    // Where the kernel does not say, nothing is said.
    let _ = File::open("/proc/cpuinfo").and_then(|mut file| file.read_to_string(&mut text));
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model
        .unwrap_or_default()
        .trim_start_matches(['\t', ' ', ':']);
    let count = text
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{count} × {model}, Linux {}", kernel.trim())
}

fn field(text: &str, name: &str) -> Result<u64, Failed> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    number(line.and_then(|line| line.split_whitespace().next()))
}

fn number(text: Option<&str>) -> Result<u64, Failed> {
    Ok(text.ok_or("a counter of the kernel is missing")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a child took is its family's while it lives and when it has ended, and it knows whose child it is.
    #[test]
    fn children_that_have_ended_count() {
        let own = std::process::id();
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; cut -d' ' -f4 /proc/$$/stat";
        let child = Command::new("sh").args(["-c", busy]).output().unwrap();
        let asked = String::from_utf8(child.stdout).unwrap();
        assert_eq!(asked.trim(), own.to_string());
        let alone = usage(own).unwrap();
        assert!(family(own).unwrap().cpu_nanos >= alone.cpu_nanos + TICK_NANOS);

        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        assert_eq!(parent(child.id()).unwrap(), own);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(parent(child.id()).is_err());
    }
}
