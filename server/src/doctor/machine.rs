//! The machine: its clock, its disk, and what is written there (seed 001 5.2 2A, 4.5).

use super::check::Check;
use super::report::Finding;
use crate::setup::Setup;
use crate::store::{Database, Examined, OpenError, verify};
use quittance_core::Timestamp;
use quittance_core::entry::What;
use rustix::fs::{statfs, statvfs};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// The name of the file that is written and taken away again.
const TRIAL: &str = "doctor.tmp";
/// Below this there is no room for a busy hour.
const ROOM_BYTES_MIN: u64 = 64 * 1024 * 1024;
/// Below this it is time to make room.
const ROOM_BYTES_LOW: u64 = 1024 * 1024 * 1024;

/// Linux's numbers of file systems on which a commit may not last: `statfs(2)`.
const FLEETING: [(i64, &str); 2] = [(0x0102_1994, "tmpfs"), (0x8584_58f6, "ramfs")];
/// Those on which SQLite's locks and shared memory cannot be relied on.
const REMOTE: [(i64, &str); 4] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x6573_5546, "FUSE"),
];

/// The clock, as far as the journal can tell: time that was written lies behind us.
pub(super) fn clock(examined: &Examined, now: Timestamp) -> Finding {
    let ahead = examined.newest_at.duration_since(now).as_secs();
    if ahead > 60 {
        return Finding::fail(
            Check::Clock,
            "behind_journal",
            (
                format!(
                    "the newest entry of the journal was written {ahead} seconds after now: the clock was put back"
                ),
                format!("账本最新一条记录的时间比现在晚 {ahead} 秒：系统时钟被调慢了"),
            ),
            SET_CLOCK,
        );
    }
    let jump = examined
        .odd
        .iter()
        .find_map(|heard| match heard.record.what {
            What::ClockJump { secs } => Some((heard.at, secs)),
            _ => None,
        });
    match jump {
        Some((at, secs)) => Finding::warn(
            Check::Clock,
            "jumped",
            (
                format!(
                    "at {at} the clock jumped by {secs} seconds; closings waited for two minutes then"
                ),
                format!("系统时钟在 {at} 跳变了 {secs} 秒；当时暂停关单两分钟"),
            ),
            SET_CLOCK,
        ),
        None => Finding::pass(
            Check::Clock,
            (
                "it runs ahead of the journal, and has not jumped lately",
                "时钟晚于账本中的时间，近期没有跳变",
            ),
        ),
    }
}

/// What to do about a clock.
pub(super) const SET_CLOCK: (&str, &str) = (
    "let the machine keep its time by NTP (timedatectl set-ntp true, or chrony)",
    "请用 NTP 保持系统时间准确（timedatectl set-ntp true，或使用 chrony）",
);

/// The data folder; before the server made it, the nearest one that is there.
fn folder(setup: &Setup) -> Option<&Path> {
    let named = |folder: &&Path| !folder.as_os_str().is_empty();
    let folder = setup.database.folder()?;
    let there = folder.ancestors().filter(named).find(|one| one.exists());
    Some(there.unwrap_or(Path::new(".")))
}

/// Whether data folder and log file can be written.
pub(super) fn writable(setup: &Setup) -> Finding {
    let folder = folder(setup);
    if let Some(folder) = folder
        && let Err(error) = trial(folder)
    {
        let place = folder.display();
        return Finding::fail(
            Check::Writable,
            "data_folder",
            (
                format!("nothing can be written into the data folder {place}: {error}"),
                format!("数据目录 {place} 无法写入：{error}"),
            ),
            (
                "give the folder to the user that the server runs as (chown, chmod 700), or name another in `database`",
                "请把目录交给运行服务的用户（chown、chmod 700），或在 database 中改用其他目录",
            ),
        );
    }
    if let Some(file) = &setup.log.file
        && let Err(error) = OpenOptions::new().create(true).append(true).open(file)
    {
        let place = file.display();
        return Finding::fail(
            Check::Writable,
            "log_file",
            (
                format!("the log file {place} cannot be written: {error}"),
                format!("日志文件 {place} 无法写入：{error}"),
            ),
            (
                "give the file to the user that the server runs as, or leave `file` out of [log]",
                "请把文件交给运行服务的用户，或删除 [log] 中的 file",
            ),
        );
    }
    let Some(folder) = folder else {
        return Finding::pass(
            Check::Writable,
            (
                "the journal stands in a database server; what is written here can be",
                "账本存放在数据库服务器中；本机需要写入的文件均可写入",
            ),
        );
    };
    let place = folder.display();
    Finding::pass(
        Check::Writable,
        (
            format!("{place} can be written"),
            format!("{place} 可以写入"),
        ),
    )
}

/// Writes a file, brings it to the disk, and takes it away again.
fn trial(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(TRIAL);
    let mut file = File::create(&path)?;
    let written = file.write_all(b"quittance").and_then(|()| file.sync_all());
    drop(file);
    fs::remove_file(&path)?;
    written
}

/// Whether the data folder's file system keeps what is committed.
pub(super) fn durable(setup: &Setup) -> Finding {
    let Some(folder) = folder(setup) else {
        return elsewhere(Check::Durable);
    };
    let place = folder.display();
    let found = match statfs(folder) {
        Ok(found) => found,
        Err(error) => return untold(Check::Durable, error),
    };
    #[expect(
        clippy::useless_conversion,
        reason = "its type differs from system to system"
    )]
    let kind = i64::from(found.f_type);
    let named = |list: &[(i64, &'static str)]| {
        list.iter()
            .find(|(number, _)| *number == kind)
            .map(|(_, name)| *name)
    };
    if let Some(name) = named(&FLEETING) {
        return Finding::warn(
            Check::Durable,
            "in_memory",
            (
                format!(
                    "{place} is on {name}, in memory: the journal is gone after a restart of the machine"
                ),
                format!("{place} 位于 {name}（内存）：机器重启后账本就没有了"),
            ),
            (
                "name a folder on a disk in `database`",
                "请在 database 中改用磁盘上的目录",
            ),
        );
    }
    if let Some(name) = named(&REMOTE) {
        return Finding::warn(
            Check::Durable,
            "network_disk",
            (
                format!("{place} is on {name}, whose locks and syncs SQLite cannot rely on"),
                format!("{place} 位于 {name}，SQLite 无法信赖其锁和同步"),
            ),
            (
                "name a folder on a disk of this machine in `database`",
                "请在 database 中改用本机磁盘上的目录",
            ),
        );
    }
    Finding::pass(
        Check::Durable,
        (
            "a write-ahead log, synchronised at each commit, on a disk of this machine",
            "使用预写日志，每次提交都同步到本机磁盘",
        ),
    )
}

/// How much room there is.
pub(super) fn disk(setup: &Setup) -> Finding {
    let Some(folder) = folder(setup) else {
        return elsewhere(Check::Disk);
    };
    match statvfs(folder) {
        Ok(found) => room(found.f_bavail.saturating_mul(found.f_frsize)),
        Err(error) => untold(Check::Disk, error),
    }
}

fn elsewhere(check: Check) -> Finding {
    Finding::skip(
        check,
        (
            "the journal stands in a database server, whose disks are not seen from here",
            "账本存放在数据库服务器中，这里看不到它的磁盘",
        ),
    )
}

fn untold(check: Check, error: rustix::io::Errno) -> Finding {
    Finding::skip(
        check,
        (
            format!("the file system does not tell: {error}"),
            format!("文件系统没有告知：{error}"),
        ),
    )
}

fn room(bytes: u64) -> Finding {
    let mib = bytes / (1024 * 1024);
    let seen = (
        format!("{mib} MiB are free in the data folder"),
        format!("数据目录剩余 {mib} MiB"),
    );
    let fix = (
        "make room on the disk; while it is full gateways are answered `fail`, so that they send again",
        "请清理磁盘；磁盘满时服务对网关回答 fail，网关会重发",
    );
    match bytes {
        bytes if bytes < ROOM_BYTES_MIN => Finding::fail(Check::Disk, "full", seen, fix),
        bytes if bytes < ROOM_BYTES_LOW => Finding::warn(Check::Disk, "low", seen, fix),
        _ => Finding::pass(Check::Disk, seen),
    }
}

/// The whole chain, computed again. For a running server this is too much for one request.
pub(super) fn journal(database: &Database) -> Finding {
    match verify(database, &[], None) {
        Ok(Ok(verified)) => {
            let (entries, erased) = (verified.entries, verified.erased);
            Finding::pass(
                Check::Journal,
                (
                    format!("{entries} entries, every hash computed again; {erased} bodies erased"),
                    format!("共 {entries} 条记录，哈希全部重算无误；已删除原文 {erased} 条"),
                ),
            )
        }
        Ok(Err(broken)) => {
            let (seq, what) = (broken.seq, broken.what);
            Finding::fail(
                Check::Journal,
                "broken",
                (
                    format!("entry {seq} is the first that does not hold: {what}"),
                    format!("第 {seq} 条记录是第一条不成立的：{what}"),
                ),
                (
                    "stop the server, keep a copy of the folder, and put back the last backup (journal adopt); find out who changed the database",
                    "请停止服务，保留目录副本，恢复最近的备份（journal adopt），并查明谁改动了数据库",
                ),
            )
        }
        Err(error) => unopened(&error),
    }
}

/// A database that cannot be opened.
pub(super) fn unopened(error: &OpenError) -> Finding {
    let said = error.to_string();
    if let OpenError::Missing(folder) = error {
        let place = folder.display();
        return Finding::skip(
            Check::Journal,
            (
                format!("there is no database in {place} yet: serve makes it"),
                format!("{place} 中还没有数据库：由 serve 创建"),
            ),
        );
    }
    Finding::fail(
        Check::Journal,
        "unreadable",
        (
            format!("the database cannot be read: {said}"),
            format!("数据库无法读取：{said}"),
        ),
        (
            "look at `database` in the settings, and at the folder's owner and rights",
            "请检查设置中的 database，以及目录的所有者和权限",
        ),
    )
}

/// The projection beside the journal.
#[must_use]
pub fn projection(examined: &Examined) -> Finding {
    let Examined { seq, cursor, .. } = examined;
    if cursor > seq {
        return Finding::fail(
            Check::Journal,
            "cut_off",
            (
                format!("the orders have seen entry {cursor}, and the journal ends at {seq}"),
                format!("订单数据已处理到第 {cursor} 条，而账本只到第 {seq} 条"),
            ),
            (
                "put back the last backup (journal adopt); `quittance journal verify` tells more",
                "请恢复最近的备份（journal adopt）；`quittance journal verify` 可给出详情",
            ),
        );
    }
    Finding::pass(
        Check::Journal,
        (
            format!("{seq} entries; `quittance journal verify` computes every hash again"),
            format!("共 {seq} 条记录；`quittance journal verify` 可重算全部哈希"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_full_disk_fails_before_it_is_full() {
        for (mib, expected) in [
            (10, Verdict::Fail),
            (100, Verdict::Warn),
            (100_000, Verdict::Pass),
        ] {
            assert_eq!(room(mib * 1024 * 1024).verdict, expected, "{mib}");
        }
    }
}
