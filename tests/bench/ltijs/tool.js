'use strict'
/* A tool as the README of ltijs builds one on PostgreSQL: nothing set but what must be.

SOCKET is the folder of PostgreSQL's socket, PLATFORM the one LMS that it knows, as JSON. It prints its
port last. The HTTP server is ours, because ltijs's own would listen on every address. */

const http = require('http')
const lti = require('ltijs').Provider
const Database = require('ltijs-sequelize')

async function main () {
  const plugin = new Database('postgres', 'postgres', '', {
    host: process.env.SOCKET, dialect: 'postgres', logging: false
  })
  lti.setup('a key of the bench', { plugin }, { appRoute: '/lti/launch', loginRoute: '/lti/login' })
  await lti.deploy({ serverless: true, silent: true })
  await lti.registerPlatform(JSON.parse(process.env.PLATFORM))
  const server = http.createServer({ keepAliveTimeout: 0 }, lti.app)
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
}

main()
