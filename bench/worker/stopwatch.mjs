/** @typedef {{ wallMs: number, cpuMs: number }} Elapsed of this process, all its threads */

/** @returns {() => Elapsed} what has gone by since the call */
export function startWatch() {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  return () => {
    const wallMs = performance.now() - begun
    const { user, system } = process.cpuUsage(cpu)
    return { wallMs, cpuMs: (user + system) / 1000 }
  }
}

/** The most memory that the process has held. */
export function peakMemoryMB() {
  return process.resourceUsage().maxRSS / 1024
}
