// A tree of Node's own making: a child in the job that libuv has for its children, that one's child in
// a job within, and a detached one. Each writes `up-ROLE` with its number. The first ends by order, a
// file named `end`, with status 5; without it, all stay.
const { spawn } = require('child_process');
const fs = require('fs');

const role = process.argv[2] || 'main';
const children = { main: [['child', false], ['detached', true]], child: [['grandchild', false]] };

for (const [name, detached] of children[role] || [])
  spawn(process.execPath, [__filename, name], { stdio: 'ignore', detached }).unref();
fs.writeFileSync(`up-${role}`, String(process.pid));
setInterval(() => { if (role === 'main' && fs.existsSync('end')) process.exit(5); }, 50);
