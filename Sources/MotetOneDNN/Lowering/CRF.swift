import CKernels
import MotetCore
import MotetGraph

/// Linear chains of tags.
enum CRFLowering {
    /// The sizes of a chain and what its kernels work in; one program runs one step at a time.
    private final class Scratch {
        let steps: Int
        let tags: Int
        let numbers: UnsafeMutablePointer<Double>
        let places: UnsafeMutablePointer<Int64>

        init(_ emissions: Value, _ context: LoweringContext) {
            let shape = context.shape(emissions)
            steps = shape[1].fixedSize ?? 0
            tags = shape.last.fixedSize ?? 0
            let count = Int(motet_crf_scratch(Int64(steps), Int64(tags)))
            numbers = .allocate(capacity: count)
            numbers.initialize(repeating: 0, count: count)
            let length = Int(motet_crf_places(Int64(steps)))
            places = .allocate(capacity: max(length, 1))
            places.initialize(repeating: 0, count: max(length, 1))
        }

        deinit {
            numbers.deallocate()
            places.deallocate()
        }

        func chain(_ inputs: [Value], _ rows: Int, _ memory: Memory) -> motet_crf {
            motet_crf(
                rows: Int64(rows),
                steps: Int64(steps),
                tags: Int64(tags),
                emissions: memory.floats(inputs[0]),
                transitions: memory.floats(inputs[1]),
                start: memory.floats(inputs[2]),
                end: memory.floats(inputs[3]),
                labels: memory.floats(inputs[4]),
                weights: memory.floats(inputs[5]),
                scratch: numbers,
                places: places
            )
        }
    }

    static func loss(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let scratch = Scratch(inputs[0], context)
        return KernelInstruction(node, [context.shape(inputs[0])[0]]) { memory, sizes in
            var chain = scratch.chain(inputs, sizes[0], memory)
            motet_crf_loss(&chain, memory.floats(outputs[0]), memory.floats(outputs[1]))
        }
    }

    static func gradient(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let scratch = Scratch(inputs[0], context)
        return KernelInstruction(node, [context.shape(inputs[0])[0]]) { memory, sizes in
            var chain = scratch.chain(inputs, sizes[0], memory)
            motet_crf_loss_gradient(
                &chain,
                memory.floats(inputs[6]),
                memory.floats(inputs[7]),
                memory.floats(outputs[0]),
                memory.floats(outputs[1]),
                memory.floats(outputs[2]),
                memory.floats(outputs[3])
            )
        }
    }

    static func decoding(
        _ operation: CRFDecoding,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let shape = context.shape(inputs[0])
        let (steps, tags) = (Int64(shape[1].fixedSize ?? 0), Int64(shape.last.fixedSize ?? 0))
        let scores = DecodingScratch(steps: steps, tags: tags)
        return KernelInstruction(node, [shape[0]]) { memory, sizes in
            motet_viterbi(
                memory.floats(inputs[0]),
                memory.floats(inputs[1]),
                memory.floats(inputs[2]),
                memory.floats(inputs[3]),
                operation.isMasked ? UnsafePointer(memory.floats(inputs[4])) : nil,
                Int64(sizes[0]),
                steps,
                tags,
                memory.integers(outputs[0]),
                memory.floats(outputs[1]),
                scores.numbers,
                scores.origins
            )
        }
    }

    private final class DecodingScratch {
        let numbers: UnsafeMutablePointer<Double>
        let origins: UnsafeMutablePointer<Int32>

        init(steps: Int64, tags: Int64) {
            let count = max(Int(motet_viterbi_scores(tags)), 1)
            numbers = .allocate(capacity: count)
            numbers.initialize(repeating: 0, count: count)
            let length = max(Int(motet_viterbi_origins(steps, tags)), 1)
            origins = .allocate(capacity: length)
            origins.initialize(repeating: 0, count: length)
        }

        deinit {
            numbers.deallocate()
            origins.deallocate()
        }
    }
}
