"""PDF as agencies take it: fonts embedded, bookmarks, links, real annotations, no clock inside."""
