/* Query strings and paths: decoding what was encoded gives it back. */
#include "base/bug.h"
#include "base/url.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    str text = {(const char *)bytes, size};
    struct scope scope;
    struct query query;
    scope_open(&scope);
    if (query_parse(&scope, text, &query) == ERR_OK) {
        for (size_t i = 0; i < query.count; i++) {
            struct buf encoded = {0};
            str decoded;
            bug_if(!utf8_is_valid(query.items[i].value));
            url_encode(&encoded, query.items[i].value);
            bug_if(!url_decode(&scope.arena, buf_str(&encoded), true, &decoded));
            bug_if(!str_eq(decoded, query.items[i].value));
            buf_done(&encoded);
        }
    }
    scope_close(&scope);
    return 0;
}
