#include "domain/records/postgres_functions.h"

#include "base/buf.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

extern const str postgres_functions_text, postgres_shapes_text; /* embedded */

/* Nodes that start at once make them one after the other; the number has no meaning. */
#define LOCK "select pg_advisory_xact_lock(7021238824);"

static enum err find_schema(struct scope *scope, struct db_lease *lease, str extension, str *ret_schema)
{
    cell schema;
    TRY(DB_ASK(scope, lease, &schema,
               "select quote_ident(nspname::text) from pg_extension"
               " join pg_namespace on pg_namespace.oid = extnamespace where extname = ?",
               cell_text(extension)));
    *ret_schema = schema.type == CELL_TEXT ? schema.text : STR_NONE;
    return ERR_OK;
}

static enum err make_fuzzystrmatch(struct scope *scope, struct db_lease *lease, str *ret_schema)
{
    str extension = S("fuzzystrmatch");
    TRY(find_schema(scope, lease, extension, ret_schema));
    if (ret_schema->p) {
        return ERR_OK;
    }
    if (db_script(scope, lease,
                  "begin;" LOCK "create schema if not exists parvis;"
                  "create extension if not exists fuzzystrmatch schema parvis; commit") != ERR_OK) {
        struct failure failure = scope->failure;
        scope_forgive(scope);
        if (db_script(scope, lease, "rollback") != ERR_OK) {
            scope_forgive(scope);
        }
        return fail_with_cause(scope, ERR_DATABASE, failure.cause.n ? failure.cause : failure.message,
                               "Searches need the extension fuzzystrmatch of PostgreSQL, which could not be "
                               "made. Have an administrator of the database run: "
                               "create extension fuzzystrmatch");
    }
    return find_schema(scope, lease, extension, ret_schema);
}

static enum err check_encoding(struct scope *scope, struct db_lease *lease)
{
    cell encoding;
    TRY(DB_ASK(scope, lease, &encoding,
               "select pg_encoding_to_char(encoding)::text from pg_database where datname = "
               "current_database()"));
    return encoding.type == CELL_TEXT && str_eq(encoding.text, S("UTF8"))
               ? ERR_OK
               : fail(scope, ERR_DATABASE,
                      "The database is not encoded in UTF-8. Make another one: "
                      "create database … encoding 'UTF8' template template0");
}

static str digest_of(struct arena *arena, str text)
{
    uint8_t digest[DIGEST_BYTES];
    struct buf hex = {0};
    digest_sha256(text, digest);
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        buf_printf(&hex, "%02x", digest[i]);
    }
    str result = buf_copy(&hex, arena);
    buf_done(&hex);
    return result;
}

static void add_schema(struct buf *script, str schema)
{
    if (schema.p) {
        buf_add(script, S(", "));
        buf_add(script, schema);
    }
}

enum err records_postgres_functions(struct scope *scope, struct db_lease *lease, bool *ret_has_postgis)
{
    struct buf script cleanup_with(buf_cleanup) = {0};
    str distances;
    str shapes;
    cell known;
    TRY(check_encoding(scope, lease));
    TRY(make_fuzzystrmatch(scope, lease, &distances));
    TRY(find_schema(scope, lease, S("postgis"), &shapes));
    buf_add(&script, S("begin;" LOCK "create schema if not exists parvis; set local search_path = parvis, public"));
    add_schema(&script, distances);
    add_schema(&script, shapes);
    buf_add(&script, S(";\n"));
    buf_add(&script, postgres_functions_text);
    buf_add(&script, shapes.p ? postgres_shapes_text : S(""));
    str digest = digest_of(&scope->arena, buf_str(&script));
    TRY(DB_ASK(scope, lease, &known,
               "select prosrc from pg_proc where oid = to_regprocedure('parvis.functions_digest()')"));
    *ret_has_postgis = shapes.p != NULL;
    if (known.type == CELL_TEXT && str_eq(known.text, str_printf(&scope->arena, "select '%.*s'", STR_ARG(digest)))) {
        return ERR_OK;
    }
    buf_printf(&script,
               "create or replace function functions_digest() returns text language sql immutable as "
               "'select ''%.*s'''; commit",
               STR_ARG(digest));
    buf_add_char(&script, 0);
    enum err result = db_script(scope, lease, script.p);
    if (result != ERR_OK) {
        struct scope after;
        scope_open(&after);
        (void)!db_script(&after, lease, "rollback");
        scope_close(&after);
    }
    return result;
}
