/*
 * Any bytes as a FeatureCollection: never a crash; the same features whether bytes come at once or
 * one by one; and of what jansson takes for JSON, the features that jansson sees.
 */
#include <stdint.h>

#include "base/bug.h"
#include "base/json_read.h"
#include "domain/ingest/collection.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Features, each with a NUL behind it. */
static enum err add_feature(void *user, str feature)
{
    struct buf *out = user;
    bug_if(feature.n == 0 || is_ascii_space(feature.p[0]) ||
           is_ascii_space(feature.p[feature.n - 1]));
    buf_add(out, feature);
    buf_add_char(out, 0);
    return ERR_OK;
}

static enum err cut(struct scope *scope, str text, size_t block, struct buf *out)
{
    struct collection collection cleanup_with(collection_done) = {
        .scope = scope, .shown_path = "fuzz", .take = add_feature, .user = out};
    for (size_t i = 0; i < text.n; i += block) {
        TRY(collection_feed(&collection, str_slice(text, i, i + block)));
    }
    return collection_finish(&collection);
}

static void compare(str features, const json_t *expected)
{
    str feature;
    for (size_t i = 0; i < json_array_size(expected); i++) {
        bug_if(!str_split(&features, 0, &feature));
        json_t *value = json_loadb(feature.p, feature.n, JSON_DECODE_ANY, NULL);
        bug_if(!json_equal(value, json_array_get(expected, i)));
        json_decref(value);
    }
    bug_if(features.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scope scope;
    struct buf whole = {0};
    struct buf single = {0};
    str text = {(const char *)bytes, size};
    scope_open(&scope);
    enum err result = cut(&scope, text, size + 1, &whole);
    bug_if(result != ERR_OK && result != ERR_DATA);
    bool is_deep = str_find(scope.failure.message, S("of which 1024 are open"), 0) != SIZE_MAX;
    scope_forgive(&scope);
    bug_if(cut(&scope, text, 1, &single) != result);
    scope_forgive(&scope);
    bug_if(!str_eq(buf_str(&whole), buf_str(&single)));
    /* jansson passes over some NUL bytes between values. */
    bool has_nul = str_find_char(text, 0, 0) != SIZE_MAX;
    json_t *document =
        has_nul || !size ? NULL : json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    if (document && !is_deep) {
        const json_t *features = json_object_get(document, "features");
        bug_if((result == ERR_OK) != json_is_array(features));
        if (result == ERR_OK) {
            compare(buf_str(&whole), features);
        }
    }
    json_decref(document);
    buf_done(&whole);
    buf_done(&single);
    scope_close(&scope);
    return 0;
}
