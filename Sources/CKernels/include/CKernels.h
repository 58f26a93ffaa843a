// Loops that oneDNN has no primitive for. Each block of declarations belongs to one source file.
#ifndef MOTET_CKERNELS_H
#define MOTET_CKERNELS_H

#include "AttentionKernels.h"
#include "BatchGather.h"
#include "EngineKernels.h"
#include "ImageKernels.h"
#include "PackedKernels.h"
#include "PreparationKernels.h"
#include "RecurrentKernels.h"
#include "RetrievalKernels.h"

#endif
