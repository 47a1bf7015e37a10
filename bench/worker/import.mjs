// What it takes to import a module in a process that has done nothing else: `import.mjs <module>`.

const begun = performance.now()
await import(process.argv[2] ?? '')
process.stdout.write(`${JSON.stringify({ wallMs: performance.now() - begun })}\n`)
