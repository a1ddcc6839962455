# Builds Flowgate from source and gives an image with the program and the sample models.
#   docker build -t flowgate .
#   docker run --rm -p 5000:5000 flowgate serve --model models:/iris/3 --host 0.0.0.0

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The dependencies and the build are kept between builds; the program is copied out of the cache.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package flowgate \
    && cp target/release/flowgate /flowgate

# ONNX Runtime from its wheel, checked by digest: the program finds it in lib/ beside itself.
FROM build AS onnxruntime
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    FLOWGATE_CACHE_DIR=/cache cargo xtask onnxruntime

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home flowgate
COPY --from=build /flowgate /opt/flowgate/flowgate
COPY --from=onnxruntime /cache/onnxruntime/ /opt/flowgate/lib/
COPY models /opt/flowgate/models
RUN ln -s /opt/flowgate/flowgate /usr/local/bin/flowgate
WORKDIR /opt/flowgate
USER 10001
EXPOSE 5000
ENTRYPOINT ["/opt/flowgate/flowgate"]
CMD ["serve", "--model", "models:/iris/3", "--host", "0.0.0.0"]
