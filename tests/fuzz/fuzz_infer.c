/* Recognising files, encodings and types of values from arbitrary bytes. */
#include "base/bug.h"
#include "domain/ingest/infer.h"
#include "domain/ingest/ingest.h"
#include "platform/text/decode.h"
#include "platform/text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

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
    int mask = mask_of_text(text) | mask_of_json(text);
    bug_if(mask & ~MASK_ALL);
    bug_if(type_of_mask(mask_of_text(text)) >= FIELD__COUNT);
    scope_close(&scope);
    return 0;
}
