/* The portal's own lists of values, in the catalogue's database. */
#include <stdlib.h>

#include "base/vec.h"
#include "domain/catalog/vocabulary.h"
#include "platform/db/statement.h"

str translated_json(struct scope *scope, const struct translated *texts)
{
    json_t *object cleanup_with(json_cleanup) = json_object();
    for (language lang = 0; lang < language_count(); lang++) {
        str text = texts->texts[lang];
        str code = language_code(lang);
        if (text.n) {
            json_object_setn_new(object, code.p, code.n, json_stringn(text.p, text.n));
        }
    }
    char *text = json_dumps(object, JSON_COMPACT);
    str copy = str_copy(&scope->arena, str_from(text ? text : "{}"));
    free(text);
    return copy;
}

void translated_read(struct scope *scope, str json, struct translated *ret_texts)
{
    json_t *object cleanup_with(json_cleanup) = NULL;
    const char *code;
    json_t *text;
    *ret_texts = (struct translated){0};
    if (json_read(scope, ERR_DATABASE, json, "stored labels", &object) != ERR_OK) {
        scope_forgive(scope);
        return;
    }
    json_object_foreach(object, code, text) {
        language lang = language_exact(str_from(code));
        if (lang != LANGUAGE_NONE) {
            ret_texts->texts[lang] = str_copy(&scope->arena, json_read_text(text));
        }
    }
}

enum err vocabulary_entries(struct scope *scope, struct catalog *catalog, enum vocabulary list,
                            const struct vocabulary_entry **ret_entries, size_t *ret_count,
                            bool *ret_is_ours)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct vocabulary_entry) entries = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select value, labels, address from vocabulary where list = ? order by value",
                               cell_text(vocabulary_name(list)));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct vocabulary_entry entry = {.value = row_text(&scope->arena, row, 0),
                                         .address = row_text(&scope->arena, row, 2)};
        translated_read(scope, row_text(&scope->arena, row, 1), &entry.labels);
        vec_add(&scope->arena, &entries, entry);
    }
    *ret_entries = entries.items;
    *ret_count = entries.count;
    *ret_is_ours = entries.count == 0 && list == VOCABULARY_LICENSE;
    if (*ret_is_ours) {
        *ret_entries = vocabulary_licenses(ret_count);
    }
    return ERR_OK;
}

static enum err check_place(struct scope *scope, struct db_lease *lease, str list, str before, str value)
{
    cell count;
    TRY(DB_ASK(scope, lease, &count, "select count(*) from vocabulary where list = ?", cell_text(list)));
    if (!before.n && count.number >= VOCABULARY_ENTRIES_MOST) {
        return fail(scope, ERR_CONFLICT, "The list has %d entries already, the most there may be.",
                    VOCABULARY_ENTRIES_MOST);
    }
    TRY(DB_ASK(scope, lease, &count, "select count(*) from vocabulary where list = ? and value = ?",
               cell_text(list), cell_text(value)));
    if (count.number && !str_eq(before, value)) {
        return fail(scope, ERR_CONFLICT, "The list has '%.*s' already.", STR_ARG(value));
    }
    return ERR_OK;
}

static enum err delete_entry(struct scope *scope, struct db_lease *lease, str list, str value)
{
    cell count;
    TRY(DB_ASK(scope, lease, &count, "select count(*) from vocabulary where list = ? and value = ?",
               cell_text(list), cell_text(value)));
    if (count.number == 0) {
        return fail(scope, ERR_NO_RECORD, "The list has no '%.*s'.", STR_ARG(value));
    }
    return DB_RUN(scope, lease, "delete from vocabulary where list = ? and value = ?", cell_text(list),
                  cell_text(value));
}

/* The first entry of the portal's own licences takes ours along, so that none is lost by adding one. */
static enum err seed(struct scope *scope, struct db_lease *lease, enum vocabulary list)
{
    size_t count;
    cell there;
    const struct vocabulary_entry *licenses = vocabulary_licenses(&count);
    TRY(DB_ASK(scope, lease, &there, "select count(*) from vocabulary where list = ?",
               cell_text(vocabulary_name(list))));
    for (size_t i = 0; i < count && list == VOCABULARY_LICENSE && there.number == 0; i++) {
        TRY(DB_RUN(scope, lease, "insert into vocabulary (list, value, labels, address) values (?, ?, '{}', ?)",
                   cell_text(vocabulary_name(list)), cell_text(licenses[i].value),
                   cell_text(licenses[i].address)));
    }
    return ERR_OK;
}

enum err vocabulary_put(struct scope *scope, struct catalog *catalog, enum vocabulary list, str before,
                        const struct vocabulary_entry *entry)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str name = vocabulary_name(list);
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(seed(scope, lease, list));
    TRY(check_place(scope, lease, name, before, entry->value));
    if (before.n) {
        TRY(delete_entry(scope, lease, name, before));
    }
    TRY(DB_RUN(scope, lease, "insert into vocabulary (list, value, labels, address) values (?, ?, ?, ?)",
               cell_text(name), cell_text(entry->value), cell_text(translated_json(scope, &entry->labels)),
               cell_text(entry->address)));
    return db_commit(scope, lease);
}

enum err vocabulary_remove(struct scope *scope, struct catalog *catalog, enum vocabulary list, str value)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(seed(scope, lease, list));
    TRY(delete_entry(scope, lease, vocabulary_name(list), value));
    return db_commit(scope, lease);
}
