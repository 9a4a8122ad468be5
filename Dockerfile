# The bot. Build it from the repository's folder: docker build -t minutewatch:local .

FROM node:24.21.0-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has a Node of its own, so the one that comes as a package is left out.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24.21.0-slim
ENV NODE_ENV=production HTTP_PORT=9464
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY commands commands
COPY src src
COPY deploy/healthcheck.mjs deploy/healthcheck.mjs
# All that the bot writes lies here; everything else belongs to root and is only read.
RUN mkdir data && chown 1000:1000 data
USER 1000:1000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
# A small young generation: V8 otherwise keeps some 40 MB that the bot does not need, and is no faster.
CMD ["node", "--max-semi-space-size=4", "--import", "./src/node-version.mjs", "src/main.ts"]
