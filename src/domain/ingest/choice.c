/* Names that were asked for, and fields that were not: what is left of the columns. */
#include "base/limits.h"
#include "domain/ingest/loading.h"
#include "platform/i18n/explanation.h"
#include "platform/text/fold.h"

static enum err check_new_name(struct loading *loading, size_t at)
{
    str name = loading->origins[at].new_name;
    const struct field *field = &loading->schema.fields[at];
    bool is_name = name.n && name.n <= LIMIT_NAME_BYTES && !str_eq(name, S("rowid")) &&
                   str_eq(name, text_identifier(&loading->scope->arena, name));
    if (!is_name) {
        return fail_in_words(loading->scope, ERR_METADATA, MSG_FAULT_FIELD_NAME,
                             SAYS(ARG_TEXT("field", field->name), ARG_TEXT("name", name)));
    }
    for (size_t i = 0; i < loading->schema.count; i++) {
        if (i != at && !loading->origins[i].is_hidden && str_eq(loading->schema.fields[i].name, name)) {
            return fail_in_words(loading->scope, ERR_METADATA, MSG_FAULT_FIELD_TWICE,
                                 SAYS(ARG_TEXT("field", field->name), ARG_TEXT("name", name)));
        }
    }
    return ERR_OK;
}

static enum err rename_fields(struct loading *loading)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct origin *origin = &loading->origins[i];
        if (origin->new_name.p && !origin->is_hidden) {
            struct field *field = &loading->schema.fields[i];
            TRY(check_new_name(loading, i));
            if (!str_eq(field->name, origin->new_name)) { /* else it was called so before, and is kept */
                field->source = field->source.p ? field->source : field->name;
                field->name = origin->new_name;
            }
        }
    }
    return ERR_OK;
}

/* A field that the old records have stays, without values of the new ones. */
static enum err leave_hidden_out(struct loading *loading)
{
    size_t kept = 0;
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct origin *origin = &loading->origins[i];
        if (origin->is_hidden && !origin->is_old) {
            continue;
        }
        origin->column = origin->is_hidden ? NO_COLUMN : origin->column;
        loading->schema.fields[kept] = loading->schema.fields[i];
        loading->origins[kept++] = *origin;
    }
    loading->schema.count = kept;
    return kept ? ERR_OK : fail_in_words(loading->scope, ERR_METADATA, MSG_FAULT_FIELD_NONE, NULL);
}

enum err choose_fields(struct loading *loading)
{
    TRY(rename_fields(loading));
    return leave_hidden_out(loading);
}
