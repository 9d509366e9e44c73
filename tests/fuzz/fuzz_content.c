/*
 * Any bytes as the Markdown of a page: lines that embed are taken out, the rest becomes HTML, which is sanitised and
 * read by a strict reader that takes nothing but what is allowed.
 */
#include "base/bug.h"
#include "domain/site/embed.h"
#include "platform/markdown/markdown.h"
#include "platform/markup/sanitize.h"
#include "../unit/markup/strict_html.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scope scope;
    struct embed_lines lines;
    struct buf raw = {0};
    struct buf clean = {0};
    scope_open(&scope);
    str text = embed_lines_take(&scope.arena, (str){(const char *)bytes, size}, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        bug_if(strpbrk(str_cz(&scope.arena, lines.items[i].query), "\"'<> \\"));
    }
    bug_if(markdown_html(&scope, text, NULL, NULL, &raw) != ERR_OK);
    bug_if(markup_sanitize(&scope, buf_str(&raw), NULL, &clean) != ERR_OK);
    bug_if(strict_fault(buf_str(&clean)));
    buf_done(&raw);
    buf_done(&clean);
    scope_close(&scope);
    return 0;
}
