-- The whole stand-in, for psql: psql -v ON_ERROR_STOP=1 --single-transaction -d citus -f install.sql
-- A driver runs the same four files in this order.
\ir 01-catalog.sql
\ir 02-nodes.sql
\ir 03-tables.sql
\ir 04-refusals.sql
