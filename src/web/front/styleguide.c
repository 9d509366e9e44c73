/* Every component of the design system in the portal's own frame; in development builds. */
#include "web/front/explore.h"

static const struct tpl_struct styleguide_struct = {0, NULL, 0};
const struct tpl_binding styleguide_template = {"dev/styleguide", &styleguide_struct};

enum err styleguide_get(struct call *call)
{
    struct page page = {.title_text = S("Style guide"),
                        .body = &styleguide_template,
                        .data = "",
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}
