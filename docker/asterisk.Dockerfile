# Asterisk 22 LTS: Debian 12 and 13 ship none, Debian testing (forky) does.
FROM debian:forky-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends asterisk asterisk-modules asterisk-core-sounds-en \
 && rm -rf /var/lib/apt/lists/* /etc/asterisk \
 && install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/clearline
# The same path as in the services' image: the links in the data volume and the prompts' folder name it.
COPY dialplan /opt/clearline/dialplan
USER 1000:1000
CMD ["asterisk", "-C", "/var/lib/clearline/asterisk/etc/asterisk.conf", "-f"]
