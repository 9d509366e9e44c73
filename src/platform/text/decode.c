#include "platform/text/decode.h"

#include <stdlib.h>
#include <unicode/ucnv.h>

#include "base/bug.h"
#include "base/utf8.h"

static const struct {
    const char *name;
    const char *converter;
} encodings[] = {
    [ENCODING_UTF8] = {"UTF-8", "UTF-8"},
    [ENCODING_UTF16LE] = {"UTF-16LE", "UTF-16LE"},
    [ENCODING_UTF16BE] = {"UTF-16BE", "UTF-16BE"},
    [ENCODING_WINDOWS_1252] = {"Windows-1252", "windows-1252"},
};

struct decoder {
    UConverter *from;
    UConverter *to;
    UChar pivot[4096];
    UChar *pivot_source;
    UChar *pivot_target;
    uint64_t bytes_read;
};

const char *encoding_name(enum encoding encoding)
{
    return encodings[encoding].name;
}

/* Well-formed but for a sequence cut at the end; a NUL byte is left to the reader. */
static bool looks_like_utf8(str start)
{
    for (size_t cut = 0; cut < 4 && cut <= start.n; cut++) {
        if (utf8_is_valid(str_slice(start, 0, start.n - cut))) {
            return true;
        }
    }
    return false;
}

enum encoding encoding_recognise(str start, size_t *ret_mark_bytes)
{
    *ret_mark_bytes = 0;
    if (str_starts(start, S("\xef\xbb\xbf"))) {
        *ret_mark_bytes = 3;
        return ENCODING_UTF8;
    }
    if (str_starts(start, S("\xff\xfe")) || str_starts(start, S("\xfe\xff"))) {
        *ret_mark_bytes = 2;
        return start.p[0] == '\xff' ? ENCODING_UTF16LE : ENCODING_UTF16BE;
    }
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < start.n; i++) {
        zeros[i % 2] += start.p[i] == 0;
    }
    size_t half = start.n / 2;
    if (half && zeros[1] > half / 2 && zeros[0] <= half / 8) {
        return ENCODING_UTF16LE;
    }
    if (half && zeros[0] > half / 2 && zeros[1] <= half / 8) {
        return ENCODING_UTF16BE;
    }
    return looks_like_utf8(start) ? ENCODING_UTF8 : ENCODING_WINDOWS_1252;
}

/* Starts a sequence by its first byte; false when none starts so. Source: Unicode 15, table 3-7. */
static bool begin_sequence(struct encoding_survey *survey, unsigned char byte)
{
    survey->low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    survey->high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    survey->pending = byte >= 0xc2 && byte <= 0xdf   ? 1
                      : byte >= 0xe0 && byte <= 0xef ? 2
                      : byte >= 0xf0 && byte <= 0xf4 ? 3
                                                     : 0;
    return survey->pending > 0;
}

static void add_broken(struct encoding_survey *survey)
{
    survey->pending = 0;
    survey->broken++;
    if (!survey->broken_line) {
        survey->broken_line = survey->newlines + 1;
    }
}

void encoding_survey_feed(struct encoding_survey *survey, str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char byte = (unsigned char)bytes.p[i];
        if (survey->pending) {
            if (byte >= survey->low && byte <= survey->high) {
                survey->low = 0x80;
                survey->high = 0xbf;
                survey->sequences += --survey->pending == 0;
                continue;
            }
            add_broken(survey);
        }
        survey->newlines += byte == '\n';
        if (byte >= 0x80 && !begin_sequence(survey, byte)) {
            add_broken(survey);
        }
    }
}

enum encoding encoding_of_survey(const struct encoding_survey *survey)
{
    return survey->broken > survey->sequences ? ENCODING_WINDOWS_1252 : ENCODING_UTF8;
}

struct decoder *decoder_open(enum encoding encoding)
{
    UErrorCode status = U_ZERO_ERROR;
    struct decoder *decoder = calloc(1, sizeof(*decoder));
    if (!decoder) {
        bug_out_of_memory(sizeof(*decoder));
    }
    decoder->from = ucnv_open(encodings[encoding].converter, &status);
    decoder->to = ucnv_open("UTF-8", &status);
    bug_if(U_FAILURE(status));
    ucnv_setToUCallBack(decoder->from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    bug_if(U_FAILURE(status));
    decoder->pivot_source = decoder->pivot;
    decoder->pivot_target = decoder->pivot;
    return decoder;
}

void decoder_close(struct decoder *decoder)
{
    if (decoder) {
        ucnv_close(decoder->from);
        ucnv_close(decoder->to);
        free(decoder);
    }
}

enum err decoder_feed(struct scope *scope, struct decoder *decoder, str bytes, bool last,
                      struct buf *out)
{
    const char *source = bytes.p ? bytes.p : "";
    const char *source_end = source + bytes.n;
    for (;;) {
        UErrorCode status = U_ZERO_ERROR;
        char *room = buf_reserve(out, 4096);
        char *target = room;
        ucnv_convertEx(decoder->to, decoder->from, &target, room + 4096, &source, source_end,
                       decoder->pivot, &decoder->pivot_source, &decoder->pivot_target,
                       decoder->pivot + ARRAY_LENGTH(decoder->pivot), false, last, &status);
        out->n += (size_t)(target - room);
        if (status == U_BUFFER_OVERFLOW_ERROR) {
            continue;
        }
        if (U_FAILURE(status)) {
            uint64_t at = decoder->bytes_read + (uint64_t)(source - (bytes.p ? bytes.p : source));
            return fail(scope, ERR_DATA, "The text is malformed near byte %llu.",
                        (unsigned long long)at);
        }
        decoder->bytes_read += bytes.n;
        return ERR_OK;
    }
}
