/* Recognising files, encodings and types of values from arbitrary bytes. */
#include "base/bug.h"
#include "domain/ingest/infer.h"
#include "domain/ingest/ingest.h"
#include "platform/text/decode.h"
#include "platform/text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A column whose values all have a bit is read by the reader of that bit: they must agree. */
static void check_text_mask(str text)
{
    int64_t number;
    double a;
    double b;
    int32_t days;
    usec instant;
    int mask = mask_of_text(text);
    str value = str_trim(text);
    bug_if(mask & ~MASK_ALL);
    bug_if(type_of_mask(mask) >= FIELD__COUNT);
    if (value.n == 0) {
        bug_if(mask != MASK_ALL);
        return;
    }
    bug_if(!(mask & MASK_INT) != !read_plain_integer(value, &number));
    bug_if(!(mask & MASK_DOUBLE) != !read_plain_decimal(value, &a));
    bug_if(!(mask & MASK_COMMA) != !read_comma_decimal(value, &a));
    bug_if(!(mask & MASK_DATE) != !read_day(value, false, &days));
    bug_if(!(mask & MASK_DAY_FIRST) != !read_day(value, true, &days));
    bug_if(!(mask & MASK_DATETIME) != !read_instant(value, &instant));
    bug_if(!(mask & MASK_POINT) != !read_point(value, &a, &b));
}

static void check_json_mask(str raw)
{
    int64_t number;
    double a;
    double b;
    int mask = mask_of_json(raw);
    str value = str_trim(raw);
    bug_if(mask & ~MASK_ALL);
    bug_if(type_of_mask(mask) >= FIELD__COUNT);
    if (mask != MASK_ALL) {
        bug_if(mask & MASK_INT && !read_plain_integer(value, &number));
        bug_if(mask & MASK_DOUBLE && !read_plain_decimal(value, &a));
        bug_if(!(mask & MASK_POINT_OBJECT) != !read_json_point(value, &a, &b));
        bug_if(mask & MASK_POINT_OBJECT && (a < -90 || a > 90 || b < -180 || b > 180));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    str text = {(const char *)bytes, size};
    struct scope scope;
    size_t mark;
    scope_open(&scope);
    ingest_recognise(text);
    enum encoding encoding = encoding_recognise(text, &mark);
    bug_if(mark > size);
    struct buf decoded = {0};
    struct decoder *decoder = decoder_open(encoding);
    if (decoder_feed(&scope, decoder, str_slice(text, mark, size), true, &decoded) == ERR_OK) {
        str words[16];
        str value = buf_str(&decoded);
        size_t count = text_words(&scope.arena, value, words, ARRAY_LENGTH(words));
        bug_if(count > ARRAY_LENGTH(words));
        str name = text_identifier(&scope.arena, value);
        bug_if(name.n > value.n * 18);
    }
    decoder_close(decoder);
    buf_done(&decoded);
    check_text_mask(text);
    check_json_mask(text);
    scope_close(&scope);
    return 0;
}
