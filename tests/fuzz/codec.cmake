# SPDX-License-Identifier: Apache-2.0
entente_fuzz(NAME codec SOURCES fuzz_codec.c LIBS proto)
