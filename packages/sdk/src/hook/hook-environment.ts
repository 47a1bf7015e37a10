/** What a program needs to find others, and to speak the person's language. No key is among them. */
const passed =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TERM|TZ|TMPDIR|XDG_\w+|HARNEXT_HOME|SYSTEMROOT)$/

/** The whole environment of a hook: what of `env` is on the list, and where it runs. */
export function hookEnvironment(
  env: { readonly [name: string]: string | undefined },
  about: { readonly cwd: string; readonly sessionId: string; readonly event: string },
): { readonly [name: string]: string } {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value] as const] : [],
  )
  return {
    ...Object.fromEntries(kept),
    HARNEXT_PROJECT_DIR: about.cwd,
    HARNEXT_SESSION_ID: about.sessionId,
    HARNEXT_HOOK_EVENT: about.event,
    CLAUDE_PROJECT_DIR: about.cwd,
  }
}
