/* A request as it is taken down. */
#include <string.h>

#include "domain/analytics/internal.h"

/* Of its own, for the library's copying: what compilers make of lengths that they know the most of is ten times slower. */
static __attribute__((noipa)) char *put_text(char *at, const char *text, size_t bytes)
{
    return mempcpy(at, text, bytes);
}

struct visit *visit_make(struct arena *arena, const struct counted_route *route, const uint8_t *address,
                         size_t address_bytes, const str texts[VISIT__TEXTS])
{
    size_t bytes = sizeof(struct visit);
    uint16_t lengths[VISIT__TEXTS];
    for (int i = 0; i < VISIT__TEXTS; i++) {
        lengths[i] = (uint16_t)(texts[i].n < VISIT_TEXT_BYTES ? texts[i].n : VISIT_TEXT_BYTES);
        bytes += lengths[i];
    }
    bytes = (bytes + 7) & ~(size_t)7;
    struct visit *visit = arena_alloc(arena, bytes); /* zero, also behind the texts */
    visit->bytes_of_visit = (uint32_t)bytes;
    visit->route = route;
    visit->records = -1;
    visit->address_bytes = (uint8_t)address_bytes;
    memcpy(visit->address, address, address_bytes);
    memcpy(visit->lengths, lengths, sizeof(lengths));
    char *at = visit->text;
    for (int i = 0; i < VISIT__TEXTS; i++) {
        if (lengths[i]) {
            at = put_text(at, texts[i].p, lengths[i]);
        }
    }
    return visit;
}

str visit_text_of(const struct visit *visit, enum visit_text which)
{
    size_t at = 0;
    for (enum visit_text i = 0; i < which; i++) {
        at += visit->lengths[i];
    }
    return (str){visit->text + at, visit->lengths[which]};
}
