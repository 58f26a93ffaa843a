import CKernels
import COneDNN
import MotetCore
import MotetGraph

/// Memory an instruction works in, kept as long as its program.
final class ScratchFloats {
    let start: UnsafeMutablePointer<Float>

    init(_ count: Int) {
        start = .allocate(capacity: max(count, 1))
        start.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { start.deallocate() }
}

/// Recurrences over the steps of sequences.
enum RecurrentLowering {
    /// Constant sizes of a recurrence, and the greatest number of rows.
    private struct Sizes {
        let steps: Int
        let units: Int
        let capacity: Int

        init(_ sequence: Value, _ context: LoweringContext) {
            let shape = context.shape(sequence)
            steps = shape[1].fixedSize ?? 0
            units = shape.last.fixedSize ?? 0
            capacity = shape[0].resolved(context.capacity) ?? 0
        }
    }

    static func lstm(
        _ operation: LSTMScan,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let sizes = Sizes(outputs[0], context)
        let sums = ScratchFloats(sizes.capacity * 4 * sizes.units)
        var pass = motet_lstm()
        pass.steps = Int64(sizes.steps)
        pass.units = Int64(sizes.units)
        pass.is_reversed = operation.isReversed ? 1 : 0
        pass.multiply = motet_product_of_rows
        let start = pass
        return KernelInstruction(node, [context.shape(inputs[0])[0]]) { memory, sizes in
            var pass = start
            pass.rows = Int64(sizes[0])
            pass.gates = UnsafePointer(memory.floats(inputs[0]))
            pass.recurrent = UnsafePointer(memory.floats(inputs[1]))
            if operation.isMasked { pass.mask = UnsafePointer(memory.floats(inputs[2])) }
            if operation.hasState {
                pass.first_hidden = UnsafePointer(memory.floats(inputs[inputs.count - 2]))
                pass.first_cell = UnsafePointer(memory.floats(inputs[inputs.count - 1]))
            }
            pass.sequence = memory.floats(outputs[0])
            pass.last_hidden = memory.floats(outputs[1])
            pass.last_cell = memory.floats(outputs[2])
            pass.cells = memory.floats(outputs[3])
            pass.activated = memory.floats(outputs[4])
            pass.previous = memory.floats(outputs[5])
            pass.sums = sums.start
            check(motet_lstm_forward(&pass))
        }
    }

    static func lstmGradient(
        _ operation: LSTMScanGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let sizes = Sizes(inputs[2], context)
        let (units, arriving) = (sizes.units, arrivals(operation.arriving, inputs))
        let transposed = ScratchFloats(4 * units * units)
        let sums = ScratchFloats(sizes.capacity * 4 * units)
        let carried = ScratchFloats(sizes.capacity * units)
        let cell = operation.hasState ? inputs[operation.isMasked ? 4 : 3] : nil
        var pass = motet_lstm_back()
        pass.steps = Int64(sizes.steps)
        pass.units = Int64(units)
        pass.is_reversed = operation.isReversed ? 1 : 0
        pass.multiply = motet_product_of_rows
        let start = pass
        return KernelInstruction(node, [context.shape(inputs[2])[0]]) { memory, sizes in
            var pass = start
            pass.rows = Int64(sizes[0])
            pass.recurrent = UnsafePointer(memory.floats(inputs[0]))
            pass.activated = UnsafePointer(memory.floats(inputs[1]))
            pass.cells = UnsafePointer(memory.floats(inputs[2]))
            if operation.isMasked { pass.mask = UnsafePointer(memory.floats(inputs[3])) }
            if let cell { pass.first_cell = UnsafePointer(memory.floats(cell)) }
            if let value = arriving[0] { pass.dsequence = UnsafePointer(memory.floats(value)) }
            if let value = arriving[1] { pass.dlast_hidden = UnsafePointer(memory.floats(value)) }
            if let value = arriving[2] { pass.dlast_cell = UnsafePointer(memory.floats(value)) }
            pass.dgates = memory.floats(outputs[0])
            pass.dfirst_hidden = memory.floats(outputs[1])
            pass.dfirst_cell = memory.floats(outputs[2])
            pass.transposed = transposed.start
            pass.sums = sums.start
            pass.carried = carried.start
            check(motet_lstm_backward(&pass))
        }
    }

    static func gru(
        _ operation: GRUScan,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let sizes = Sizes(outputs[0], context)
        let sums = ScratchFloats(sizes.capacity * 3 * sizes.units)
        var pass = motet_gru()
        pass.steps = Int64(sizes.steps)
        pass.units = Int64(sizes.units)
        pass.is_reversed = operation.isReversed ? 1 : 0
        pass.multiply = motet_product_of_rows
        let start = pass
        return KernelInstruction(node, [context.shape(inputs[0])[0]]) { memory, sizes in
            var pass = start
            pass.rows = Int64(sizes[0])
            pass.gates = UnsafePointer(memory.floats(inputs[0]))
            pass.recurrent = UnsafePointer(memory.floats(inputs[1]))
            pass.bias = UnsafePointer(memory.floats(inputs[2]))
            if operation.isMasked { pass.mask = UnsafePointer(memory.floats(inputs[3])) }
            if operation.hasAttention {
                let place = operation.isMasked ? 4 : 3
                pass.attention = UnsafePointer(memory.floats(inputs[place]))
            }
            if operation.hasState {
                pass.first_hidden = UnsafePointer(memory.floats(inputs[inputs.count - 1]))
            }
            pass.sequence = memory.floats(outputs[0])
            pass.last_hidden = memory.floats(outputs[1])
            pass.activated = memory.floats(outputs[2])
            pass.candidates = memory.floats(outputs[3])
            pass.previous = memory.floats(outputs[4])
            pass.sums = sums.start
            check(motet_gru_forward(&pass))
        }
    }

    static func gruGradient(
        _ operation: GRUScanGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (inputs, outputs) = (node.inputs, node.outputs)
        let sizes = Sizes(inputs[3], context)
        let (units, arriving) = (sizes.units, arrivals(operation.arriving, inputs))
        let transposed = ScratchFloats(3 * units * units)
        let sums = ScratchFloats(sizes.capacity * 3 * units)
        let carried = ScratchFloats(sizes.capacity * units)
        var pass = motet_gru_back()
        pass.steps = Int64(sizes.steps)
        pass.units = Int64(units)
        pass.is_reversed = operation.isReversed ? 1 : 0
        pass.multiply = motet_product_of_rows
        let start = pass
        return KernelInstruction(node, [context.shape(inputs[3])[0]]) { memory, sizes in
            var pass = start
            pass.rows = Int64(sizes[0])
            pass.recurrent = UnsafePointer(memory.floats(inputs[0]))
            pass.activated = UnsafePointer(memory.floats(inputs[1]))
            pass.candidates = UnsafePointer(memory.floats(inputs[2]))
            pass.previous = UnsafePointer(memory.floats(inputs[3]))
            if operation.isMasked { pass.mask = UnsafePointer(memory.floats(inputs[4])) }
            if operation.hasAttention {
                let place = operation.isMasked ? 5 : 4
                pass.attention = UnsafePointer(memory.floats(inputs[place]))
                pass.dattention = memory.floats(outputs[3])
            }
            if let value = arriving[0] { pass.dsequence = UnsafePointer(memory.floats(value)) }
            if let value = arriving[1] { pass.dlast_hidden = UnsafePointer(memory.floats(value)) }
            pass.dgates = memory.floats(outputs[0])
            pass.dproducts = memory.floats(outputs[1])
            pass.dfirst_hidden = memory.floats(outputs[2])
            pass.transposed = transposed.start
            pass.sums = sums.start
            pass.carried = carried.start
            check(motet_gru_backward(&pass))
        }
    }

    /// The arriving gradients, which are the last inputs of a node, or nil where none arrives.
    private static func arrivals(_ arriving: [Bool], _ inputs: [Value]) -> [Value?] {
        var rest = inputs.suffix(arriving.count(where: { $0 }))[...]
        return arriving.map { $0 ? rest.popFirst() : nil }
    }

    private static func check(_ status: Int32) {
        precondition(status == 0, "oneDNN: a product of a recurrence could not run.")
    }
}
