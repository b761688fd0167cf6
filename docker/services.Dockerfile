# The Node processes: one image, a command each.
FROM node:24-bookworm-slim
WORKDIR /opt/clearline
COPY package.json package-lock.json .npmrc ./
# Not "npm ci": it refuses a lockfile that lacks another platform's optional binaries.
RUN npm install --omit=dev --no-save --no-audit --no-fund \
 && install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/clearline
COPY clearline clearline.example.yaml ./
COPY dialplan dialplan
COPY services services
ENV PATH=/opt/clearline/node_modules/.bin:$PATH NODE_ENV=production
USER 1000:1000
CMD ["node", "services/standalone/keep.ts", "interceptor"]
