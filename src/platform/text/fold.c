/*
 * ASCII takes a short way without ICU, because most words of most datasets are ASCII. Everything
 * else is normalised (NFKD), stripped of combining marks and case folded.
 */
#include "platform/text/fold.h"

#include <pthread.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/utf8.h"

static bool is_ascii(str text)
{
    unsigned char any = 0;
    for (size_t i = 0; i < text.n; i++) { /* without a way out, so that it is done in large steps */
        any |= (unsigned char)text.p[i];
    }
    return any < 0x80;
}

static UChar *to_utf16(struct arena *arena, str text, int32_t *ret_length)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar *out = arena_array(arena, UChar, text.n + 1);
    u_strFromUTF8WithSub(out, (int32_t)text.n + 1, ret_length, text.p, (int32_t)text.n, 0xfffd,
                         NULL, &status);
    bug_if(U_FAILURE(status));
    return out;
}

static str from_utf16(struct arena *arena, const UChar *text, int32_t length)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t capacity = length * 3 + 1;
    int32_t written = 0;
    char *out = arena_alloc(arena, (size_t)capacity);
    u_strToUTF8WithSub(out, capacity, &written, text, length, 0xfffd, NULL, &status);
    bug_if(U_FAILURE(status));
    return (str){out, (size_t)written};
}

/* NFKD, marks dropped, case folded; letters that do not decompose but have a plain form after. */
static str fold_unicode(struct arena *arena, str text)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normaliser = unorm2_getNFKDInstance(&status);
    int32_t length = 0;
    UChar *wide = to_utf16(arena, text, &length);
    int32_t capacity = length * 18 + 1; /* the largest expansion of NFKD */
    UChar *apart = arena_array(arena, UChar, (size_t)capacity);
    int32_t apart_length = unorm2_normalize(normaliser, wide, length, apart, capacity, &status);
    bug_if(U_FAILURE(status));
    int32_t kept = 0;
    for (int32_t i = 0; i < apart_length;) {
        UChar32 c;
        int32_t from = i;
        U16_NEXT(apart, i, apart_length, c);
        if (u_charType(c) != U_NON_SPACING_MARK) {
            u_memmove(apart + kept, apart + from, i - from);
            kept += i - from;
        }
    }
    int32_t folded_capacity = kept * 3 + 1;
    UChar *folded = arena_array(arena, UChar, (size_t)folded_capacity);
    int32_t folded_length =
        u_strFoldCase(folded, folded_capacity, apart, kept, U_FOLD_CASE_DEFAULT, &status);
    bug_if(U_FAILURE(status));
    return from_utf16(arena, folded, folded_length);
}

#define PART_BYTES 4096 /* of a text that is folded at once */

/*
 * Where a text may be cut, at most PART_BYTES on, so that the parts fold as the whole would: in front
 * of ASCII, else of a code point that nothing before it changes.
 */
static size_t find_cut(str text, size_t from)
{
    size_t most = from + PART_BYTES;
    if (most >= text.n) {
        return text.n;
    }
    for (size_t at = most; at > from; at--) {
        if ((unsigned char)text.p[at] < 0x80) {
            return at;
        }
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normaliser = unorm2_getNFKDInstance(&status);
    bug_if(U_FAILURE(status));
    size_t cut = from;
    size_t last = from;
    for (size_t at = from; at <= most;) {
        size_t begins = at;
        uint32_t c = utf8_next(text, &at);
        cut = begins > from && unorm2_hasBoundaryBefore(normaliser, (UChar32)c) ? begins : cut;
        last = begins;
    }
    return cut > from ? cut : last;
}

static str fold_in_parts(struct arena *arena, str text)
{
    struct buf out = {0};
    struct arena own;
    arena_init(&own, 0);
    for (size_t at = 0; at < text.n;) {
        struct arena_mark mark = arena_get_mark(&own);
        size_t cut = find_cut(text, at);
        buf_add(&out, fold_unicode(&own, str_slice(text, at, cut)));
        arena_rewind(&own, mark);
        at = cut;
    }
    arena_done(&own);
    str folded = buf_copy(&out, arena);
    buf_done(&out);
    return folded;
}

/*
 * Code points of European texts fold alone, whatever stands next to them: what ICU makes of each is
 * kept, so that most texts need no ICU.
 */
#define LATIN_FIRST 0x80u
#define LATIN_END 0x250u
#define PUNCTUATION_FIRST 0x2000u
#define PUNCTUATION_END 0x2070u
#define KEPT_BYTES 3

struct kept_fold {
    uint8_t n;
    bool is_kept; /* false: it takes more bytes */
    char bytes[KEPT_BYTES];
};

static struct kept_fold latin[LATIN_END - LATIN_FIRST];
static struct kept_fold punctuation[PUNCTUATION_END - PUNCTUATION_FIRST];
static pthread_once_t folds_once = PTHREAD_ONCE_INIT;

static void keep_folds(struct kept_fold *folds, uint32_t first, uint32_t end)
{
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t c = first; c < end; c++) {
        char text[4];
        str folded = fold_unicode(&arena, (str){text, utf8_write(text, c)});
        struct kept_fold *fold = &folds[c - first];
        fold->is_kept = folded.n <= KEPT_BYTES;
        fold->n = fold->is_kept ? (uint8_t)folded.n : 0;
        memcpy(fold->bytes, folded.p, fold->n);
    }
    arena_done(&arena);
}

static void keep_all_folds(void)
{
    keep_folds(latin, LATIN_FIRST, LATIN_END);
    keep_folds(punctuation, PUNCTUATION_FIRST, PUNCTUATION_END);
}

static const struct kept_fold *find_fold(str text, size_t *at)
{
    size_t next = *at;
    uint32_t c = utf8_next(text, &next);
    const struct kept_fold *fold =
        c >= LATIN_FIRST && c < LATIN_END ? &latin[c - LATIN_FIRST]
        : c >= PUNCTUATION_FIRST && c < PUNCTUATION_END ? &punctuation[c - PUNCTUATION_FIRST]
                                                        : NULL;
    *at = next;
    return fold && fold->is_kept ? fold : NULL;
}

/* False: the text needs ICU. */
static bool fold_kept(struct arena *arena, str text, str *ret_folded)
{
    pthread_once(&folds_once, keep_all_folds);
    char *out = arena_alloc(arena, text.n * 2 + 1); /* two bytes become at most KEPT_BYTES */
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        char c = text.p[at];
        if ((unsigned char)c < 0x80) {
            out[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
            at++;
            continue;
        }
        const struct kept_fold *fold = find_fold(text, &at);
        if (!fold) {
            return false;
        }
        memcpy(out + n, fold->bytes, fold->n);
        n += fold->n;
    }
    *ret_folded = (str){out, n};
    return true;
}

str text_fold(struct arena *arena, str text)
{
    str folded;
    if (is_ascii(text)) {
        return str_lower_ascii(arena, text);
    }
    return fold_kept(arena, text, &folded) ? folded : fold_in_parts(arena, text);
}

static bool is_word_part(UChar32 c)
{
    return u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK ||
           u_charType(c) == U_COMBINING_SPACING_MARK;
}

static bool needs_dictionary(UChar32 c)
{
    if (c < 0x0e00) {
        return false;
    }
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
        return true;
    default:
        return false;
    }
}

/* Words of a run in a script without blanks, by ICU's dictionaries. */
static size_t break_run(struct arena *arena, str run, str *ret_words, size_t limit)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    UChar *wide = to_utf16(arena, run, &length);
    UBreakIterator *breaks = ubrk_open(UBRK_WORD, "", wide, length, &status);
    if (U_FAILURE(status)) {
        ret_words[0] = utf8_truncate(run, TEXT_WORD_BYTES);
        return 1;
    }
    size_t count = 0;
    int32_t from = ubrk_first(breaks);
    for (int32_t to = ubrk_next(breaks); to != UBRK_DONE && count < limit;
         from = to, to = ubrk_next(breaks)) {
        ret_words[count++] =
            utf8_truncate(from_utf16(arena, wide + from, to - from), TEXT_WORD_BYTES);
    }
    ubrk_close(breaks);
    return count;
}

static size_t words_unicode(struct arena *arena, str folded, str *ret_words, size_t limit)
{
    size_t count = 0;
    size_t at = 0;
    while (at < folded.n && count < limit) {
        size_t from = at;
        bool dictionary = false;
        size_t end = at;
        while (at < folded.n) {
            uint32_t c = utf8_next(folded, &at);
            if (!is_word_part((UChar32)c)) {
                break;
            }
            dictionary |= needs_dictionary((UChar32)c);
            end = at;
        }
        str run = str_slice(folded, from, end);
        if (run.n && dictionary) {
            count += break_run(arena, run, ret_words + count, limit - count);
        } else if (run.n) {
            ret_words[count++] = utf8_truncate(run, TEXT_WORD_BYTES);
        }
    }
    return count;
}

/* What a byte of an ASCII word folds to; 0: no part of a word. */
static const char word_bytes[256] = {
    ['0'] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ['a'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
    'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    ['A'] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
    'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
};

static str ascii_word(const char *from, const char *to)
{
    size_t n = (size_t)(to - from);
    return (str){from, n < TEXT_WORD_BYTES ? n : TEXT_WORD_BYTES};
}

/* Folds and cuts in one pass. */
static size_t words_ascii(struct arena *arena, str text, str *ret_words, size_t limit)
{
    char *out = arena_alloc(arena, text.n + 1);
    const char *word = out;
    size_t count = 0;
    for (size_t i = 0; i < text.n && count < limit; i++) {
        char c = word_bytes[(unsigned char)text.p[i]];
        if (c) {
            *out++ = c;
        } else if (out > word) {
            ret_words[count++] = ascii_word(word, out);
            word = out;
        }
    }
    if (out > word && count < limit) {
        ret_words[count++] = ascii_word(word, out);
    }
    return count;
}

size_t text_words(struct arena *arena, str text, str *ret_words, size_t limit)
{
    text = utf8_truncate(text, TEXT_SEARCHED_BYTES);
    if (is_ascii(text)) {
        return words_ascii(arena, text, ret_words, limit);
    }
    str folded = text_fold(arena, text);
    return is_ascii(folded) ? words_ascii(arena, folded, ret_words, limit)
                            : words_unicode(arena, folded, ret_words, limit);
}

str text_identifier(struct arena *arena, str label)
{
    str folded = text_fold(arena, label);
    char *out = arena_alloc(arena, folded.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < folded.n; i++) {
        char c = folded.p[i];
        if (is_ascii_letter(c) || is_ascii_digit(c)) {
            out[n++] = c;
        } else if ((unsigned char)c < 0x80 && n && out[n - 1] != '_') {
            out[n++] = '_';
        }
    }
    while (n && out[n - 1] == '_') {
        n--;
    }
    return (str){out, n};
}

bool text_is_word_character(uint32_t code_point)
{
    UChar32 c = (UChar32)code_point;
    return u_isalnum(c) || (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_MC_MASK));
}
