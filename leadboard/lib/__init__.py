"""Pure helpers without a noun of Leadboard: they import neither Flask nor anything of ours outside this folder."""
