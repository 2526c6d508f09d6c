# One image a service:
#
#     docker build --build-arg SERVICE=order_service --tag shopnow-order_service .
#
# SERVICE names a stage below: gateway, auth_service, user_service, product_service,
# order_service, or ops for the operator's commands. Nothing is written but to /tmp and to
# /var/lib/shopnow: compose and Kubernetes mount the rest read-only.
ARG SERVICE

FROM python:3.11.15-slim-bookworm AS python

FROM python AS builder
ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/venv
COPY requirements.lock ./
RUN pip --python /opt/venv/bin/python install --require-hashes --requirement requirements.lock
# Without sources there is nothing to pack but the version and the command `shopnow`;
# the sources themselves lie in /app, where they find their data files beside them.
COPY pyproject.toml ./
RUN touch README.md && pip --python /opt/venv/bin/python install --no-deps .

FROM python AS runtime
RUN groupadd --gid 10001 shopnow \
    && useradd --uid 10001 --gid shopnow --no-create-home --home-dir /app shopnow
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY ops/healthy.py ./
COPY common common
# A volume mounted here takes its owner over.
RUN install --directory --owner=shopnow --group=shopnow --mode=0700 /var/lib/shopnow/mail
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "healthy.py"]

FROM runtime AS gateway
COPY gateway gateway
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "healthy.py", "http://127.0.0.1:8000/readyz"]
CMD ["nameko", "run", "--config", "gateway/config.yml", "gateway.service:GatewayService"]

FROM runtime AS auth_service
COPY user_service user_service
CMD ["nameko", "run", "--config", "user_service/config.yml", "user_service.auth:AuthService"]

FROM runtime AS user_service
COPY user_service user_service
CMD ["nameko", "run", "--config", "user_service/config.yml", "user_service.service:UserService"]

FROM runtime AS product_service
COPY product_service product_service
CMD ["nameko", "run", "--config", "product_service/config.yml", "product_service.service:ProductService"]

FROM runtime AS order_service
COPY order_service order_service
CMD ["nameko", "run", "--config", "order_service/config.yml", "order_service.service:OrderService"]

FROM runtime AS ops
COPY gateway gateway
COPY user_service user_service
COPY product_service product_service
COPY order_service order_service
COPY rabbitmq rabbitmq
COPY consul consul
COPY ops ops
# The demo accounts are written here; a volume mounted here takes its owner over.
ENV SHOPNOW_RUN_DIR=/var/lib/shopnow
RUN install --directory --owner=shopnow --group=shopnow --mode=0700 /var/lib/shopnow
HEALTHCHECK NONE
CMD ["shopnow", "--help"]

FROM ${SERVICE}
ARG SERVICE
# The commit, and whose it is; a pipeline tells both.
ARG REVISION=unknown
ARG SOURCE=unknown
ENV SERVICE=${SERVICE}
LABEL org.opencontainers.image.title="ShopNow ${SERVICE}" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.base.name="python:3.11.15-slim-bookworm"
USER 10001:10001
