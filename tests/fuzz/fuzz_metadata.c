/* Descriptions of datasets, as files and as single values: what is taken is taken again and stays the same. */
#include "base/bug.h"
#include "domain/catalog/metadata_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool is_refused(struct scope *scope, enum err result)
{
    if (result == ERR_OK) {
        return false;
    }
    bug_if(result != ERR_METADATA || scope->failure.message.n == 0);
    scope_forgive(scope);
    return true;
}

static void try_description(struct scope *scope, str text)
{
    struct description first;
    struct description second;
    if (is_refused(scope, metadata_read(scope, text, &first))) {
        return;
    }
    bug_if(is_refused(scope, metadata_read(scope, first.metadata, &second)));
    bug_if(!str_eq(first.metadata, second.metadata));
}

/* The first line is a path, the second a language, the rest the value. */
static void try_value(struct scope *scope, str text)
{
    str rest = text;
    str path;
    str lang;
    json_t *value;
    if (!str_split(&rest, '\n', &path) || !str_split(&rest, '\n', &lang) || !rest.p) {
        return;
    }
    if (is_refused(scope, metadata_parse(scope, path, rest, &value))) {
        return;
    }
    json_t *metadata = json_object();
    if (!is_refused(scope, metadata_set(scope, metadata, lang, path, value))) {
        bug_if(is_refused(scope, metadata_set(scope, metadata, lang, path, NULL)));
    }
    (void)is_refused(scope, metadata_set_field(scope, metadata, lang, path, S("label"), rest));
    json_decref(metadata);
    json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scope scope;
    str text = {(const char *)bytes, size};
    scope_open(&scope);
    try_description(&scope, text);
    try_value(&scope, text);
    scope_close(&scope);
    return 0;
}
