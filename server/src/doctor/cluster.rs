//! The database server, where the journal stands in one: whether it keeps what it has committed.

use super::check::Check;
use super::report::Finding;
use crate::store::Cluster;

/// What one server needs of connections: four that read, one that writes, one that watches.
const CONNECTIONS: u64 = 6;

/// Whether an ack of ours lasts there, and whether the way to it is safe.
pub(super) fn kept(cluster: &Cluster) -> Finding {
    if !cluster.synced {
        return Finding::fail(
            Check::Durable,
            "unsynced",
            (
                "fsync or full_page_writes is off in the database server: when its machine goes down, what was acked may be gone",
                "数据库服务器关闭了 fsync 或 full_page_writes：机器宕机时，已应答的通知可能丢失",
            ),
            (
                "set both to on and restart it; what it holds is only as good as the last clean stop",
                "请将两者设为 on 并重启；现有数据只保证到上次正常停机",
            ),
        );
    }
    if cluster.commits == "off" {
        return Finding::fail(
            Check::Durable,
            "late_commits",
            (
                "synchronous_commit is off for our connections: a commit is told before it is on the disk",
                "本服务的连接上 synchronous_commit 为 off：提交在落盘之前就被告知成功",
            ),
            (
                "set it to on, for the server, the database and the role (ALTER ROLE … RESET synchronous_commit)",
                "请在服务器、数据库和角色上都设为 on（ALTER ROLE … RESET synchronous_commit）",
            ),
        );
    }
    let waits = !cluster.standbys.is_empty() && cluster.commits != "local";
    if cluster.copying > 0 && !waits {
        return Finding::warn(
            Check::Durable,
            "standby_behind",
            (
                "a standby copies later than we ack: when it becomes primary, what was acked last is gone",
                "备库的复制晚于应答：一旦切换到备库，最后应答的通知会丢失",
            ),
            (
                "name it in synchronous_standby_names with synchronous_commit = on (Patroni: synchronous_mode and synchronous_mode_strict), or take it for backups only",
                "请将其列入 synchronous_standby_names 并设 synchronous_commit = on（Patroni：synchronous_mode 与 synchronous_mode_strict），或只把它当作备份",
            ),
        );
    }
    if cluster.in_clear {
        return Finding::warn(
            Check::Durable,
            "in_clear",
            (
                "the way to the database server is not encrypted, and leads over a network",
                "与数据库服务器之间的连接经过网络且未加密",
            ),
            (
                "set sslmode=verify-full and sslrootcert in the database's URL",
                "请在数据库 URL 中设置 sslmode=verify-full 和 sslrootcert",
            ),
        );
    }
    if cluster.free < CONNECTIONS {
        let free = cluster.free;
        return Finding::warn(
            Check::Durable,
            "connections",
            (
                format!(
                    "the database server has room for {free} more connections, and a server needs {CONNECTIONS}"
                ),
                format!("数据库服务器只剩 {free} 个连接，而每台服务需要 {CONNECTIONS} 个"),
            ),
            (
                "raise max_connections, or lower `pool` in the database's URL",
                "请提高 max_connections，或调低数据库 URL 中的 pool",
            ),
        );
    }
    Finding::pass(
        Check::Durable,
        match waits {
            true => (
                "each commit is on the disk of the database server and of a standby",
                "每次提交都已写入数据库服务器和备库的磁盘",
            ),
            false => (
                "each commit is on the disk of the database server",
                "每次提交都已写入数据库服务器的磁盘",
            ),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Cluster {
        Cluster {
            synced: true,
            commits: "on".to_owned(),
            standbys: String::new(),
            copying: 0,
            in_clear: false,
            free: 90,
        }
    }

    #[test]
    fn what_may_be_lost_is_told_first() {
        let patroni = || "\"two\"".to_owned();
        for (cluster, expected) in [
            (good(), "ok"),
            (
                Cluster {
                    synced: false,
                    commits: "off".to_owned(),
                    ..good()
                },
                "unsynced",
            ),
            (
                Cluster {
                    commits: "off".to_owned(),
                    in_clear: true,
                    ..good()
                },
                "late_commits",
            ),
            (
                Cluster {
                    copying: 1,
                    ..good()
                },
                "standby_behind",
            ),
            (
                Cluster {
                    copying: 2,
                    standbys: patroni(),
                    ..good()
                },
                "ok",
            ),
            (
                Cluster {
                    copying: 1,
                    standbys: patroni(),
                    commits: "local".to_owned(),
                    ..good()
                },
                "standby_behind",
            ),
            (
                Cluster {
                    in_clear: true,
                    free: 0,
                    ..good()
                },
                "in_clear",
            ),
            (Cluster { free: 5, ..good() }, "connections"),
        ] {
            assert_eq!(kept(&cluster).code, expected, "{cluster:?}");
        }
    }
}
