//! What is wrong with the database, for the person at the terminal.

use crate::ending::Stop;
use quittance_core::Lang;
use quittance_server::store::OpenError;

/// The database cannot be used: why, and what to do.
pub fn unusable(error: &OpenError, lang: Lang) -> Stop {
    if lang == Lang::En {
        return Stop::unable(error.to_string());
    }
    Stop::unable(match error {
        OpenError::Locked(folder) => format!(
            "目录 {} 正被另一个 quittance 使用（serve 或 journal 命令）。\n  处理办法：先停止它，或改用其他 `database`。",
            folder.display()
        ),
        OpenError::Missing(folder) => format!(
            "{} 中没有数据库。\n  处理办法：检查设置中的 `database`；数据库由 `quittance serve` 创建。",
            folder.display()
        ),
        OpenError::Empty(place) => format!(
            "{place} 中没有账本。\n  处理办法：检查设置中的 `database`；账本由 `quittance serve` 创建。"
        ),
        OpenError::Unfinished(place) => format!(
            "从 SQLite 到 {place} 的账本迁移尚未完成。\n  处理办法：再次运行同样的 `quittance migrate`，它会从中断处继续；或改用其他数据库。"
        ),
        OpenError::Archived(through) => format!(
            "序号 {through} 及之前的记录已归档，重建订单需要全部记录。\n  处理办法：先用 `quittance journal restore 文件` 恢复归档，从最新的归档开始。"
        ),
        OpenError::Archive { file, why } => {
            format!("归档文件 {} 无法使用：{why}。", file.display())
        }
        OpenError::Newer { found, known } => format!(
            "数据库版本为 {found}，本程序只支持到 {known}。\n  处理办法：改用更新的 quittance，或恢复升级前的备份。"
        ),
        OpenError::Full => "磁盘已满。\n  处理办法：清理磁盘空间。".to_owned(),
        OpenError::Damaged(what) => format!("账本已损坏：{what}。"),
        OpenError::OldSqlite(what) | OpenError::Failed(what) => {
            format!("数据库无法打开：{what}。")
        }
    })
}
