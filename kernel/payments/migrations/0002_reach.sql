-- How an order is reached from outside: by its secret link, found by the link's hash, and from its payer's account.
ALTER TABLE payment_order ADD COLUMN link {blob};
ALTER TABLE payment_order ADD COLUMN link_sealed {text};
ALTER TABLE payment_order ADD COLUMN account {id};
CREATE UNIQUE INDEX payment_order_by_link ON payment_order (link);
CREATE INDEX payment_order_by_account ON payment_order (account, id);
CREATE INDEX payment_order_by_regie ON payment_order (regie, state, id);
