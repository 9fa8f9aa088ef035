-- What an operator is told of: few rows among many, so that counting them costs nothing.
CREATE INDEX orders_frozen ON orders (account, order_no) WHERE instr(state, '"frozen":"') > 0;
CREATE INDEX deliveries_dead ON deliveries (endpoint, event) WHERE state = 'dead';
