// Plain JavaScript, loaded before anything else: an old Node cannot even read the TypeScript that would tell.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `minutewatch needs Node 24.12 or newer and found ${process.versions.node}: on Linux run "npm ci" and start through npm, which brings its own; elsewhere install Node 24.`,
  )
  process.exit(1)
}
