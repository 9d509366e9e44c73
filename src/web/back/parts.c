/* The parts of the back office. */
#include "base/attr.h"
#include "base/bug.h"
#include "web/back/routes.h"

#define ROUTES_MOST 300
#define TEMPLATES_MOST 200

const struct office_part *const office_parts[] = {
    &security_part,
    &people_part,
    &upload_part,
    &wizard_part,
    &job_part,
    &version_part,
    &metadata_part,
    &site_part,
    &statistics_part,
    &backup_part,
    &dataset_part, /* last: /backoffice/datasets/{} fits what others call by a name */
};
const size_t office_part_count = ARRAY_LENGTH(office_parts);

const struct route *back_routes(size_t *ret_count)
{
    static struct route routes[ROUTES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < office_part_count; i++) {
        bug_if(count + office_parts[i]->route_count > ROUTES_MOST);
        for (size_t j = 0; j < office_parts[i]->route_count; j++) {
            routes[count++] = office_parts[i]->routes[j];
        }
    }
    *ret_count = count;
    return routes;
}

const struct tpl_binding *const *back_templates(size_t *ret_count)
{
    static const struct tpl_binding *templates[TEMPLATES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < office_part_count; i++) {
        for (size_t j = 0; j < office_parts[i]->template_count; j++) {
            bug_if(count == TEMPLATES_MOST);
            templates[count++] = office_parts[i]->templates[j];
        }
    }
    *ret_count = count;
    return templates;
}
