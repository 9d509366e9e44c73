#include "web/shell/fault_text.h"

#include "platform/i18n/explanation.h"

#define AROUND_BYTES ((size_t)200) /* shown before and after the place */

static bool is_within_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The end of a text that is shown before the place. */
static str cut_front(struct arena *arena, str text)
{
    if (text.n <= AROUND_BYTES) {
        return text;
    }
    size_t from = text.n - AROUND_BYTES;
    while (from < text.n && is_within_character(text.p[from])) {
        from++;
    }
    return str_printf(arena, "…%.*s", STR_ARG(str_slice(text, from, text.n)));
}

static str cut_back(struct arena *arena, str text)
{
    size_t end = AROUND_BYTES;
    if (text.n <= AROUND_BYTES) {
        return text;
    }
    while (end > 0 && is_within_character(text.p[end])) {
        end--;
    }
    return str_printf(arena, "%.*s…", STR_ARG(str_slice(text, 0, end)));
}

static struct fault_place mark(struct arena *arena, const struct explanation *explanation)
{
    str text = explanation->text;
    size_t at = explanation->at < text.n ? explanation->at : text.n;
    size_t end = at + explanation->length < text.n ? at + explanation->length : text.n;
    return (struct fault_place){.before = cut_front(arena, str_slice(text, 0, at)),
                                .at = end > at ? cut_back(arena, str_slice(text, at, end)) : S("…"),
                                .after = cut_back(arena, str_slice(text, end, text.n)),
                                .has_place = true};
}

str fault_text(struct call *call, struct fault_place *ret_place)
{
    struct arena *arena = &call->scope->arena;
    const struct failure *failure = &call->scope->failure;
    struct fault_place place = {S(""), S(""), S(""), false};
    if (failure->explanation && failure->explanation->has_place) {
        place = mark(arena, failure->explanation);
    }
    if (ret_place) {
        *ret_place = place;
    }
    return failure->explanation ? explanation_text(arena, call->language, failure->explanation)
                                : str_copy(arena, failure->message);
}
