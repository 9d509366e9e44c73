#include "platform/markup/markup_internal.h"

const struct element elements[ELEMENT__COUNT] = {
#define ELEMENT(id, name, role, parents, ancestors, child)                                                 \
    [ELEMENT_##id] = {{name, sizeof(name) - 1}, ROLE_##role, parents, ancestors, ELEMENT_##child},
#define NAME(name, id)
#include "platform/markup/elements.def"
#undef ELEMENT
#undef NAME
};

static const struct {
    str name;
    enum element_id id;
} names[] = {
#define ELEMENT(id, name, role, parents, ancestors, child) {{name, sizeof(name) - 1}, ELEMENT_##id},
#define NAME(name, id) {{name, sizeof(name) - 1}, ELEMENT_##id},
#include "platform/markup/elements.def"
#undef ELEMENT
#undef NAME
};

enum element_id element_find(str name)
{
    for (size_t i = 0; name.n && i < ARRAY_LENGTH(names); i++) {
        if (names[i].name.n == name.n && str_eq_nocase(names[i].name, name)) {
            return names[i].id;
        }
    }
    return ELEMENT_NONE;
}
