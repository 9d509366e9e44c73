#include "domain/ingest/collection.h"

#include "base/json_read.h"
#include "base/limits.h"
#include "platform/i18n/explanation.h"

#define KEY_BYTES 64 /* "features" has less, also when every letter is written as \u0066 */

static enum err fail_at(struct collection *collection, const char *text)
{
    const struct json_scan *scan = &collection->scan;
    struct arena *arena = &collection->scope->arena;
    return fail_and_tell(collection->scope, ERR_DATA, MSG_FAULT_FILE_JSON,
                         SAYS(ARG_TEXT("file", str_from(collection->shown_path)),
                              argument_digits(arena, "line", (int64_t)scan->lines + 1),
                              argument_digits(arena, "column", (int64_t)(scan->bytes - scan->line_start)),
                              ARG_TEXT("reason", str_from(text))),
                         "%s, line %llu, column %llu (byte %llu): %s", collection->shown_path,
                         (unsigned long long)scan->lines + 1, (unsigned long long)(scan->bytes - scan->line_start),
                         (unsigned long long)scan->bytes, text);
}

static enum err fail_malformed(struct collection *collection)
{
    str text = str_printf(&collection->scope->arena, "the JSON is malformed: %s is expected",
                          json_scan_expected(&collection->scan));
    return fail_at(collection, text.p);
}

static bool names_features(str key)
{
    if (str_find_char(key, '\\', 0) == SIZE_MAX) {
        return str_eq(key, S("\"features\""));
    }
    json_t *text cleanup_with(json_cleanup) = json_loadb(key.p, key.n, JSON_DECODE_ANY, NULL);
    return str_eq(json_read_text(text), S("features"));
}

static void begin_key(struct collection *collection)
{
    collection->in_key = true;
    collection->is_features = false;
    buf_clear(&collection->text);
}

static enum err end_feature(struct collection *collection)
{
    str feature = str_trim(buf_str(&collection->text));
    if (feature.n) { /* nothing: the list is empty, or a comma stands in front of its end */
        collection->count++;
        TRY(collection->take(collection->user, feature));
    }
    buf_clear(&collection->text);
    return ERR_OK;
}

static void add_to_key(struct collection *collection, char c)
{
    struct buf *text = &collection->text;
    if (text->n < KEY_BYTES && (text->n || c == '"')) {
        buf_add_char(text, c);
    }
}

static enum err add_to_feature(struct collection *collection, char c)
{
    struct buf *text = &collection->text;
    if (text->n == 0 && is_ascii_space(c)) {
        return ERR_OK;
    }
    if (text->n == LIMIT_RECORD_BYTES) {
        return fail_in_words(
            collection->scope, ERR_TOO_LARGE, MSG_FAULT_FILE_FEATURE_LARGE,
            SAYS(ARG_TEXT("file", str_from(collection->shown_path)),
                 argument_digits(&collection->scope->arena, "line", (int64_t)(collection->scan.lines + 1)),
                 argument_digits(&collection->scope->arena, "feature", (int64_t)(collection->count + 1)),
                 argument_digits(&collection->scope->arena, "most", LIMIT_RECORD_BYTES >> 20)));
    }
    buf_add_char(text, c);
    return ERR_OK;
}

static enum err add_byte(struct collection *collection, char c)
{
    if (collection->in_key) {
        add_to_key(collection, c);
    }
    return collection->in_features ? add_to_feature(collection, c) : ERR_OK;
}

static enum err on_open(struct collection *collection, char c)
{
    size_t depth = collection->scan.depth;
    if (depth == 1) {
        collection->has_features = false;
        begin_key(collection);
        return c == '{'
                   ? ERR_OK
                   : fail_at(collection, "a FeatureCollection is expected, which is an object");
    }
    if (depth == 2 && collection->is_features && c == '[') {
        collection->in_features = true;
        collection->has_features = true;
        return ERR_OK;
    }
    return add_byte(collection, c);
}

static enum err on_close(struct collection *collection, char c)
{
    size_t depth = collection->scan.depth;
    if (depth == 0) {
        collection->in_key = false;
        return collection->has_features
                   ? ERR_OK
                   : fail_at(collection, "a FeatureCollection ends that has no list \"features\"");
    }
    if (depth == 1 && collection->in_features) {
        collection->in_features = false;
        return end_feature(collection);
    }
    return add_byte(collection, c);
}

static enum err on_byte(struct collection *collection, char c)
{
    switch (json_scan_byte(&collection->scan, c)) {
    case JSON_OPEN:
        return on_open(collection, c);
    case JSON_CLOSE:
        return on_close(collection, c);
    case JSON_COMMA:
        if (collection->scan.depth == 1) {
            begin_key(collection);
            return ERR_OK;
        }
        return collection->in_features && collection->scan.depth == 2 ? end_feature(collection)
                                                                      : add_byte(collection, c);
    case JSON_COLON:
        if (collection->scan.depth == 1) {
            collection->in_key = false;
            collection->is_features = names_features(str_trim(buf_str(&collection->text)));
            buf_clear(&collection->text);
            return ERR_OK;
        }
        return add_byte(collection, c);
    case JSON_INSIDE:
        return add_byte(collection, c);
    case JSON_FAULT:
        break;
    }
    return fail_malformed(collection);
}

enum err collection_feed(struct collection *collection, str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        TRY(on_byte(collection, bytes.p[i]));
    }
    return ERR_OK;
}

enum err collection_finish(struct collection *collection)
{
    const struct json_scan *scan = &collection->scan;
    if (json_scan_is_whole(scan) && collection->has_features) {
        return ERR_OK;
    }
    return fail_in_words(collection->scope, ERR_DATA, MSG_FAULT_FILE_JSON_ENDS,
                         SAYS(ARG_TEXT("file", str_from(collection->shown_path)),
                              argument_digits(&collection->scope->arena, "line", (int64_t)(scan->lines + 1)),
                              argument_digits(&collection->scope->arena, "byte", (int64_t)scan->bytes),
                              ARG_TEXT("expected", str_from(json_scan_expected(scan)))));
}

void collection_done(struct collection *collection)
{
    buf_done(&collection->text);
}
