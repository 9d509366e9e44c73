#include "web/back/dashboard.h"
#include "web/back/routes.h"

#include "base/attr.h"

static const struct route routes[] = {
    {"/backoffice", back_overview, LANE_QUICK, false, "back.overview",
     "Who you are here, what you may do, what to look at.", .kind = ROUTE_PAGE,
     .guard = GUARD_SIGNED_IN, .office = true},
    {PAGE("/backoffice/users", back_users, "back.users", "Search the users.")},
    {FORM("/backoffice/users/new", back_user_new, "back.user_new", "Make a user.")},
    {PAGE("/backoffice/users/{}", back_user, "back.user", "One user.")},
    {FORM("/backoffice/users/{}/profile", back_user_profile, "back.user_profile",
          "Name and e-mail address of a user.")},
    {FORM("/backoffice/users/{}/role", back_user_role, "back.user_role", "Role of a user.")},
    {FORM("/backoffice/users/{}/groups", back_user_groups, "back.user_groups",
          "Groups of a user.")},
    {FORM("/backoffice/users/{}/{}", back_user_action, "back.user_action",
          "Disable, enable, end sessions, make a link, take away a second factor or a key.")},
    {PAGE("/backoffice/groups", back_groups, "back.groups", "The groups.")},
    {FORM("/backoffice/groups/new", back_group_new, "back.group_new", "Make a group.")},
    {PAGE("/backoffice/groups/{}", back_group, "back.group", "One group and its members.")},
    {FORM("/backoffice/groups/{}/edit", back_group_edit, "back.group_edit",
          "Name and members of a group.")},
    {FORM("/backoffice/groups/{}/delete", back_group_delete, "back.group_delete",
          "Delete a group.")},
    {PAGE("/backoffice/services", back_services, "back.services", "External services.")},
    {FORM("/backoffice/services/new", back_service_new, "back.service_new",
          "Declare an external service.")},
    {FORM("/backoffice/services/{}", back_service, "back.service",
          "The declaration of a service.")},
    {FORM("/backoffice/services/{}/remove", back_service_remove, "back.service_remove",
          "Remove a service.")},
    {PAGE("/backoffice/cookies", back_cookies, "back.cookies",
          "Unknown cookies, choices of visitors, the current revision.")},
    {PAGE("/backoffice/cookies.csv", back_cookies_csv, "back.cookies_csv",
          "Choices of visitors as a file.")},
};

static const struct tpl_binding *const templates[] = {
    &office_template,  &form_template,           &overview_template, &dashboard_template, &users_template,
    &user_template,    &user_link_template,      &groups_template,   &group_template,
    &services_template, &service_preview_template, &cookies_template};
const struct office_part people_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
