/** Variables that programs only let themselves be told how to look or talk by. */
const harmless: ReadonlySet<string> = new Set(
  'CI NODE_ENV DEBUG VERBOSE FORCE_COLOR NO_COLOR CLICOLOR CLICOLOR_FORCE COLORTERM TERM LANG LANGUAGE TZ COLUMNS LINES PORT RUST_BACKTRACE RUST_LOG LOG_LEVEL PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE DO_NOT_TRACK TURBO_TELEMETRY_DISABLED SOURCE_DATE_EPOCH'.split(
    ' ',
  ),
)

export function isHarmlessVariable(name: string): boolean {
  return harmless.has(name) || /^LC_[A-Z]+$/.test(name)
}

/** Names that the shell itself obeys, or that are in the environment already and steer what other programs run and read. */
const obeyed =
  /^(?:PATH|HOME|PWD|OLDPWD|IFS|ENV|SHELL|SHELLOPTS|BASH.*|PS\d|PROMPT_COMMAND|CDPATH|FPATH|GLOBIGNORE|HIST.*|POSIXLY_CORRECT|TMPDIR|TEMP|TMP|EDITOR|VISUAL|BROWSER|.*PAGER|MAN.*|LESS.*|LD_.*|DYLD_.*|GCONV_PATH|LOCPATH|NLSPATH|GIT.*|SSH.*|GPG.*|XDG_.*|TERMINFO.*|TERMCAP|.*_PROXY|.*_proxy|NODE.*|NPM.*|npm.*|YARN.*|PNPM.*|BUN.*|DENO.*|PYTHON.*|PIP.*|VIRTUAL_ENV|CONDA.*|PERL.*|RUBY.*|GEM.*|BUNDLE.*|JAVA.*|_JAVA.*|JDK.*|MAVEN.*|MVN.*|GRADLE.*|GO.*|CGO.*|CARGO.*|RUST.*|CC|CXX|CPP|LD|AR|.*FLAGS|MAKE.*|CMAKE.*|TAR_OPTIONS|RSYNC_.*|GREP_OPTIONS|RIPGREP_.*|JQ_.*|AWK.*|CURL_.*|WGETRC|DOCKER.*|KUBE.*|AWS.*|AZURE.*|GOOGLE.*|HARNEXT.*|.*_API_KEY|EXECIGNORE|INPUTRC|OPTIND)$/

export function isObeyedVariable(name: string): boolean {
  return obeyed.test(name)
}
