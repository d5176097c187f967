from django.db import migrations

SQL = r"""
-- Both sides of a transfer are in one unit.
ALTER TABLE ledger_transfer ADD CONSTRAINT transfer_in_one_unit CHECK (dr_book / 100 = cr_book / 100);

-- Floors: a member's books never below 0, debt never above 0. The house may go either way.
ALTER TABLE ledger_balance ADD CONSTRAINT balance_floor CHECK (
    owner <= 0 OR CASE WHEN book % 100 = 4 THEN amount <= 0 ELSE amount >= 0 END
);
ALTER TABLE ledger_balance SET (fillfactor = 70);

-- Nobody can post without moving the balances: one statement posts, one trigger call moves, whatever the number of rows.
-- Rows are locked in key order first. Known rows are updated before unknown ones are inserted: an upsert would have the
-- proposed row, a bare delta, refused by the floor.
CREATE FUNCTION ledger_move_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    tenants bigint[]; owners bigint[]; books smallint[]; deltas bigint[];
BEGIN
    SELECT array_agg(m.tenant_id), array_agg(m.owner), array_agg(m.book), array_agg(m.delta)
      INTO tenants, owners, books, deltas
      FROM (SELECT s.tenant_id, s.owner, s.book, sum(s.delta)::bigint AS delta
              FROM (SELECT tenant_id, cr_owner AS owner, cr_book AS book, amount AS delta FROM posted WHERE cr_book % 100 <> 1
                    UNION ALL
                    SELECT tenant_id, dr_owner, dr_book, -amount FROM posted WHERE dr_book % 100 <> 1) s
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) m;
    IF tenants IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM ledger_balance b
       JOIN unnest(tenants, owners, books) AS m (tenant_id, owner, book) USING (tenant_id, owner, book)
      ORDER BY b.tenant_id, b.owner, b.book FOR UPDATE OF b;
    UPDATE ledger_balance b SET amount = b.amount + m.delta
      FROM unnest(tenants, owners, books, deltas) AS m (tenant_id, owner, book, delta)
     WHERE b.tenant_id = m.tenant_id AND b.owner = m.owner AND b.book = m.book AND m.delta <> 0;
    INSERT INTO ledger_balance AS b (tenant_id, owner, book, amount)
    SELECT m.tenant_id, m.owner, m.book, m.delta
      FROM unnest(tenants, owners, books, deltas) AS m (tenant_id, owner, book, delta)
     WHERE NOT EXISTS (SELECT 1 FROM ledger_balance k
                        WHERE k.tenant_id = m.tenant_id AND k.owner = m.owner AND k.book = m.book)
     ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, owner, book) DO UPDATE SET amount = b.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;

CREATE TRIGGER move_balances AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION ledger_move_balances();

-- The application may not write balances, not even lock them; this locks and reads some books of some owners, in key order.
CREATE FUNCTION ledger_hold(tenant bigint, owners bigint[], books smallint[])
    RETURNS TABLE (owner bigint, book smallint, amount bigint) LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    SELECT b.owner, b.book, b.amount FROM ledger_balance b
     WHERE b.tenant_id = tenant AND b.tenant_id = current_setting('rongshu.tenant')::bigint
       AND b.owner = ANY (owners) AND b.book = ANY (books)
     ORDER BY b.owner, b.book FOR UPDATE;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL([SQL])]
