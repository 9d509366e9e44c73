/* Range and If-Range: a part lies within the body, and only the exact tag continues one. */
#include "base/bug.h"
#include "platform/http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint64_t sizes[] = {0, 1, 7, 100, UINT64_C(1) << 40, UINT64_MAX};
    str header = {(const char *)bytes, size};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct byte_range range = {0, 0};
        enum range_answer answer = range_read(header, sizes[i], &range);
        bug_if(answer == RANGE_PART && range.count == 0);
        bug_if(answer == RANGE_PART && range.from >= sizes[i]);
        bug_if(answer == RANGE_PART && range.count > sizes[i] - range.from);
        bug_if(answer != RANGE_PART && (range.from || range.count));
    }
    bug_if(range_is_current(header, S("tag-1")) && !str_eq(str_trim(header), S("\"tag-1\"")));
    return 0;
}
