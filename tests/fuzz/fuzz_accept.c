/* Accept-Language: case does not matter, an error anywhere voids it, the best item wins. */
#include "base/bug.h"
#include "base/buf.h"
#include "platform/i18n/locale_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const codes[] = {"de", "en", "es", "es-ar", "fr", "pl", "pt-br", "zh-hans"};
static const struct language_list list = {codes, ARRAY_LENGTH(codes)};

static int with(const char *before, str header, const char *after)
{
    struct buf text = {0};
    buf_add(&text, str_from(before));
    buf_add(&text, header);
    buf_add(&text, str_from(after));
    int found = language_list_accepted(&list, buf_str(&text));
    buf_done(&text);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    str header = {(const char *)bytes, size};
    int found = language_list_accepted(&list, header);
    int named = language_list_find(&list, header);
    bug_if(found < LANGUAGE_NONE || found >= list.count);
    bug_if(named < LANGUAGE_NONE || named >= list.count);
    struct buf upper = {0};
    for (size_t i = 0; i < size; i++) {
        char c = header.p[i];
        buf_add_char(&upper, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    bug_if(language_list_accepted(&list, buf_str(&upper)) != found);
    buf_done(&upper);
    if (size < 490) {
        bug_if(with("", header, ",,") != LANGUAGE_NONE);
        bug_if(with("de;q=2,", header, "") != LANGUAGE_NONE);
        bug_if(found != LANGUAGE_NONE && with("pl,", header, "") != 5);
    }
    if (named != LANGUAGE_NONE) { /* a code alone is a header too */
        bug_if(size <= 490 && found != named);
    }
    return 0;
}
