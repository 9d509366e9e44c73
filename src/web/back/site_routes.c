/* Settings of the site and pages of content. */
#include "base/attr.h"
#include "web/back/content.h"

#define FILES_BYTES (3u << 20)
#define TEXT_BYTES (1u << 20)
#define SETTING(name, handle, what)                                                                \
    WORK(GUARD_ADMINISTRATOR, "/backoffice/site/" name, handle, "back.site." name, what)

static const struct route routes[] = {
    {PAGE("/backoffice/site", back_site, "back.site", "Settings of the site, and where they come from."), .keys = true},
    {SETTING("texts", back_site_texts, "Name and tagline of the portal.")},
    {SETTING("about", back_site_about, "Words of welcome on the home page."), .body_bytes = TEXT_BYTES},
    {SETTING("look", back_site_look, "Colours, logo and icon."), .body_bytes = FILES_BYTES},
    {PAGE("/backoffice/site/preview.svg", back_site_preview, "back.site.preview", "A picture of two colours.")},
    {SETTING("home", back_site_home, "Parts of the home page.")},
    {SETTING("facets", back_site_facets, "Facets of the catalogue.")},
    {SETTING("footer", back_site_footer, "Links of the footer.")},
    {SETTING("languages", back_site_languages, "Languages that visitors may choose.")},
    {FORM("/backoffice/site/mail", back_site_mail, "back.site.mail", "The mail relay.")},
    {FORM("/backoffice/site/mail/test", back_site_mail_test, "back.site.mail_test", "Sends a letter to see whether it arrives.")},
    {FORM("/backoffice/site/embeds", back_site_embeds, "back.site.embeds", "Sites that may show embeds.")},
    {FORM("/backoffice/site/retention", back_site_retention, "back.site.retention", "For how long things are kept.")},
    {FORM("/backoffice/site/{}/reset", back_site_reset, "back.site.reset", "Takes back what was saved of a section.")},
    {PAGE("/backoffice/pages", back_pages, "back.pages", "Pages of content."), .keys = true},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/new", back_page_new, "back.page_new", "Make a page.")},
    {PAGE("/backoffice/pages/{}", back_page, "back.page", "One page: its languages and history.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/{}/settings", back_page_settings, "back.page.settings",
          "Address, state and place of a page.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/{}/text/{}", back_page_text, "back.page.text",
          "Title and text of a page in a language."), .body_bytes = TEXT_BYTES},
    {PAGE("/backoffice/pages/{}/revisions/{}", back_page_revision, "back.page.revision", "A page as it was.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/{}/revisions/{}/restore", back_page_restore, "back.page.restore",
          "Makes a page what it was.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/{}/pictures", back_page_files, "back.page.pictures",
          "Pictures of a page."), .body_bytes = FILES_BYTES},
    {PAGE("/backoffice/pages/{}/pictures/{}", back_page_file, "back.page.picture", "One of them.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/{}/pictures/{}/remove", back_page_file_remove,
          "back.page.picture_remove", "Removes a picture.")},
    {WORK(GUARD_ADMINISTRATOR, "/backoffice/pages/{}/delete", back_page_delete, "back.page.delete", "Removes a page.")},
};

static const struct tpl_binding *const templates[] = {
    &site_template, &site_beside_template, &site_look_template, &pages_template,      &page_template,
    &page_preview_template, &page_text_template, &page_insert_template, &page_files_template};

const struct office_part site_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
