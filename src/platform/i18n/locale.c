/* The rules are Django's (cookies-and-privacy.md 1.6), except that q=0 means "not this one". */
#include "platform/i18n/locale.h"

#include "base/bug.h"
#include "platform/i18n/locale_internal.h"
#include "platform/i18n/message.h"
#include "platform/i18n/message_internal.h"

#define CODE_MOST 500
#define HEADER_MOST 500
#define SUBTAG_MOST 8
#define QUALITY_FULL 1000
#define ANY_LANGUAGE (-2) /* "*" */

/* Codes that browsers sent before scripts were part of them. */
static const struct {
    const char *old;
    const char *now;
} old_codes[] = {
    {"zh-cn", "zh-hans"}, {"zh-my", "zh-hans"}, {"zh-sg", "zh-hans"},
    {"zh-hk", "zh-hant"}, {"zh-mo", "zh-hant"}, {"zh-tw", "zh-hant"},
};

/* Bytes of a language code at the start of text: letters, then subtags; 0 when there is none. */
static size_t code_length(str text)
{
    size_t at = 0;
    while (at < text.n && at < SUBTAG_MOST && is_ascii_letter(text.p[at])) {
        at++;
    }
    size_t end = at;
    while (at && at + 1 < text.n && text.p[at] == '-') {
        size_t start = ++at;
        while (at < text.n && at - start < SUBTAG_MOST &&
               (is_ascii_letter(text.p[at]) || is_ascii_digit(text.p[at]))) {
            at++;
        }
        if (at == start) {
            break;
        }
        end = at;
    }
    return end;
}

int language_list_exact(const struct language_list *list, str code)
{
    for (int i = 0; i < list->count; i++) {
        if (str_eq_nocase(str_from(list->codes[i]), code)) {
            return i;
        }
    }
    return LANGUAGE_NONE;
}

int language_list_find(const struct language_list *list, str code)
{
    if (code.n == 0 || code.n > CODE_MOST || code_length(code) != code.n) {
        return LANGUAGE_NONE;
    }
    int found = language_list_exact(list, code);
    for (size_t i = 0; found == LANGUAGE_NONE && i < ARRAY_LENGTH(old_codes); i++) {
        if (str_eq_nocase(str_from(old_codes[i].old), code)) {
            found = language_list_exact(list, str_from(old_codes[i].now));
        }
    }
    str generic = code;
    for (size_t i = code.n; i-- > 0;) {
        if (code.p[i] == '-') {
            generic = str_slice(code, 0, i);
            found = found == LANGUAGE_NONE ? language_list_exact(list, generic) : found;
        }
    }
    for (int i = 0; found == LANGUAGE_NONE && i < list->count; i++) {
        str variant = str_from(list->codes[i]);
        if (variant.n > generic.n && variant.p[generic.n] == '-' &&
            str_eq_nocase(str_slice(variant, 0, generic.n), generic)) {
            found = i;
        }
    }
    return found;
}

static size_t skip_blanks(str text, size_t at)
{
    while (at < text.n && is_ascii_space(text.p[at])) {
        at++;
    }
    return at;
}

/* Reads 0, 0.ddd, 1 or 1.000 as thousandths and moves *at behind it; false for anything else. */
static bool read_quality(str text, size_t *at, int *ret_quality)
{
    if (*at >= text.n || (text.p[*at] != '0' && text.p[*at] != '1')) {
        return false;
    }
    bool is_one = text.p[(*at)++] == '1';
    int quality = is_one ? QUALITY_FULL : 0;
    if (*at < text.n && text.p[*at] == '.') {
        ++*at;
        for (int worth = 100; worth && *at < text.n && is_ascii_digit(text.p[*at]); worth /= 10) {
            int digit = text.p[(*at)++] - '0';
            if (is_one && digit) {
                return false;
            }
            quality += digit * worth;
        }
    }
    *ret_quality = quality;
    return true;
}

/* One item with the comma behind it; false on a syntax error, which voids the whole header. */
static bool read_item(str header, size_t *at, str *ret_code, int *ret_quality)
{
    str rest = str_slice(header, *at, header.n);
    size_t length = rest.p[0] == '*' ? 1 : code_length(rest);
    if (length == 0) {
        return false;
    }
    *ret_code = str_slice(rest, 0, length);
    *ret_quality = QUALITY_FULL;
    *at += length;
    size_t next = skip_blanks(header, *at);
    if (next < header.n && header.p[next] == ';') {
        next = skip_blanks(header, next + 1);
        if (header.n - next < 2 || ascii_lower(header.p[next]) != 'q' ||
            header.p[next + 1] != '=') {
            return false;
        }
        *at = next + 2;
        if (!read_quality(header, at, ret_quality)) {
            return false;
        }
        next = skip_blanks(header, *at);
    }
    if (next < header.n && header.p[next] == ',') {
        *at = skip_blanks(header, next + 1);
        return true;
    }
    return *at == header.n;
}

int language_list_accepted(const struct language_list *list, str header)
{
    if (header.n > HEADER_MOST) {
        size_t cut = HEADER_MOST;
        while (cut-- > 0 && header.p[cut] != ',') {
        }
        header = cut == SIZE_MAX ? STR_NONE : str_slice(header, 0, cut);
    }
    int chosen = LANGUAGE_NONE;
    int best = 0;
    for (size_t at = 0; at < header.n;) {
        str code;
        int quality;
        if (!read_item(header, &at, &code, &quality)) {
            return LANGUAGE_NONE;
        }
        if (quality > best) { /* the first of equal ones wins */
            int found = code.p[0] == '*' ? ANY_LANGUAGE : language_list_find(list, code);
            best = found == LANGUAGE_NONE ? best : quality;
            chosen = found == LANGUAGE_NONE ? chosen : found;
        }
    }
    return chosen == ANY_LANGUAGE ? LANGUAGE_NONE : chosen;
}

int language_list_choose(const struct language_list *list, str cookie, str header, int fallback)
{
    int chosen = language_list_find(list, cookie);
    chosen = chosen == LANGUAGE_NONE ? language_list_accepted(list, header) : chosen;
    return chosen == LANGUAGE_NONE ? fallback : chosen;
}

/* ---- the offered languages ---- */

static struct language_list offered(const char *codes[LANGUAGES_MOST])
{
    bug_if(language_texts_count > LANGUAGES_MOST);
    for (int i = 0; i < language_texts_count; i++) {
        codes[i] = language_texts[i].code;
    }
    return (struct language_list){codes, language_texts_count};
}

int language_count(void)
{
    return language_texts_count;
}

str language_code(language lang)
{
    bug_if(lang < 0 || lang >= language_texts_count);
    return str_from(language_texts[lang].code);
}

str language_own_name(language lang)
{
    return message_plain(lang, MSG_LANGUAGE_NAME);
}

language language_find(str code)
{
    const char *codes[LANGUAGES_MOST];
    struct language_list list = offered(codes);
    return language_list_find(&list, code);
}

language language_exact(str code)
{
    const char *codes[LANGUAGES_MOST];
    struct language_list list = offered(codes);
    return language_list_exact(&list, code);
}

language language_choose(str cookie, str header, language fallback, const bool *offers)
{
    const char *codes[LANGUAGES_MOST];
    language places[LANGUAGES_MOST];
    struct language_list list = {codes, 0};
    for (language lang = 0; lang < language_count(); lang++) {
        if (!offers || offers[lang]) {
            codes[list.count] = language_texts[lang].code;
            places[list.count++] = lang;
        }
    }
    int chosen = language_list_choose(&list, cookie, header, LANGUAGE_NONE);
    return chosen == LANGUAGE_NONE ? fallback : places[chosen];
}
