#include "web/front/name_field.h"

/* Words for a name in the languages of the portal, and how data files write them. */
static const char *const words[] = {"name",      "nom",    "nombre", "nome",  "naam",    "bezeichnung", "title",  "titre",
                                    "titel",     "titulo", "título", "titolo", "label",  "libelle",     "libellé"};

static bool is_name(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (str_eq_nocase(name, str_from(words[i]))) {
            return true;
        }
    }
    return false;
}

const struct field *choose_name_field(const struct schema *schema)
{
    const struct field *first = NULL;
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type != FIELD_TEXT || field_is_list(field)) {
            continue;
        }
        if (is_name(field->name)) {
            return field;
        }
        first = first ? first : field;
    }
    return first;
}
