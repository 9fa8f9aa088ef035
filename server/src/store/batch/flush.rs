//! Writing changed rows: each once, in key order, so that neighbours land on the same pages.

use super::Batch;
use crate::store::failure::Failure;

impl Batch<'_> {
    /// Writes every changed row. What was read stays known.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        let tables = &mut *self.tables;
        let mut wrote = false;
        if self.settings.dirty {
            tables.put_settings(&self.settings.value)?;
            self.settings.dirty = false;
            wrote = true;
        }
        for row in self.orders.values_mut().filter(|row| row.dirty) {
            if let Some(state) = &row.value {
                tables.put_order(state)?;
            }
            row.dirty = false;
            wrote = true;
        }
        for (name, row) in self.accounts.iter_mut().filter(|(_, row)| row.dirty) {
            if let Some(state) = &row.value {
                tables.put_account(name, state)?;
            }
            row.dirty = false;
            wrote = true;
        }
        for ((account, about), row) in self.parked.iter_mut().filter(|(_, row)| row.dirty) {
            tables.put_parked(account, about, row.value.as_ref())?;
            row.dirty = false;
            wrote = true;
        }
        for ((account, trade_no), row) in self.trades.iter_mut().filter(|(_, row)| row.dirty) {
            if let Some(order_no) = &row.value {
                tables.put_trade(account, trade_no, order_no)?;
            }
            row.dirty = false;
            wrote = true;
        }
        for row in self.deliveries.values_mut().filter(|row| row.dirty) {
            if let Some(delivery) = &row.value {
                tables.put_delivery(delivery)?;
            }
            row.dirty = false;
            wrote = true;
        }
        self.touched.rows |= wrote;
        tables.flushed()
    }
}
