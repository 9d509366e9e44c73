#include "domain/odsql/ast.h"

/* Recursion ends at the height that the parser allows. */
bool node_equal(const struct node *a, const struct node *b)
{
    bool same = a->kind == b->kind && str_eq(a->name, b->name) && a->number == b->number &&
                memcmp(&a->real, &b->real, sizeof(a->real)) == 0 && a->op == b->op &&
                a->flag == b->flag && a->low_open == b->low_open && a->high_open == b->high_open &&
                a->children.count == b->children.count;
    for (size_t i = 0; same && i < a->children.count; i++) {
        same = node_equal(a->children.items[i], b->children.items[i]);
    }
    return same;
}
