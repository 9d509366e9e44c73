/*
 * Any bytes as HTML: what is written is read by a strict reader that takes nothing but what is allowed, and
 * stays the same when it is sanitised again. The first byte chooses depth and headings.
 */
#include "base/bug.h"
#include "platform/markup/sanitize.h"
#include "../unit/markup/strict_html.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scope scope;
    struct buf once = {0};
    struct buf twice = {0};
    if (size == 0) {
        return 0;
    }
    str html = {(const char *)bytes + 1, size - 1};
    struct markup_options options = {.most_depth = bytes[0] & 1 ? 3 : 0, .top_heading = (bytes[0] >> 1) % 7};
    scope_open(&scope);
    bug_if(markup_sanitize(&scope, html, &options, &once) != ERR_OK);
    const char *fault = strict_fault(buf_str(&once));
    bug_if(fault);
    bug_if(markup_sanitize(&scope, buf_str(&once), &options, &twice) != ERR_OK);
    bug_if(!str_eq(buf_str(&once), buf_str(&twice)));
    size_t most = bytes[0];
    str plain = markup_plain(&scope.arena, html, most);
    bug_if(plain.n > most || (plain.n && !utf8_is_valid(plain)));
    buf_done(&once);
    buf_done(&twice);
    scope_close(&scope);
    return 0;
}
