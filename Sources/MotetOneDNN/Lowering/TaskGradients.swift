import CKernels
import MotetCore
import MotetGraph

/// Products and sums of the gradients of tasks.
enum TaskGradientLowering {
    /// Partial sums of products, allocated once.
    private final class PartialSums {
        let numbers: UnsafeMutablePointer<Double>

        init(values: Int) {
            let count = Int(MOTET_PRODUCT_PIECES) * values * values
            numbers = .allocate(capacity: count)
            numbers.initialize(repeating: 0, count: count)
        }

        deinit { numbers.deallocate() }
    }

    /// Constant whole numbers for a kernel.
    private final class Constants<Number: BinaryInteger> {
        let numbers: UnsafeMutablePointer<Number>

        init(_ values: [Int]) {
            numbers = .allocate(capacity: max(values.count, 1))
            numbers.initialize(repeating: 0, count: max(values.count, 1))
            for (index, value) in values.enumerated() { numbers[index] = Number(value) }
        }

        deinit { numbers.deallocate() }
    }

    static func products(
        _ operation: InnerProducts,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let result = node.outputs[0]
        let inputs = operation.isCounted ? Array(node.inputs.dropLast()) : node.inputs
        let counted = operation.isCounted ? node.inputs[inputs.count] : nil
        let width = operation.isCounted ? context.width(inputs[0]) : 1
        let terms = PointerList(inputs.count)
        let sums = PartialSums(values: inputs.count)
        let included = operation.included.map { Constants<UInt8>($0.map { $0 ? 1 : 0 }) }
        let slices = Int64(operation.included?.count ?? 1)
        return KernelInstruction(node, [context.count(inputs[0])]) { memory, sizes in
            for (index, input) in inputs.enumerated() {
                terms[index] = UnsafePointer(memory.floats(input))
            }
            let taken = counted.map { Int(memory.integers($0)[0]) * width } ?? sizes[0]
            motet_inner_products(
                terms.pointers,
                Int64(inputs.count),
                Int64(taken),
                slices,
                included?.numbers,
                sums.numbers,
                memory.floats(result)
            )
        }
    }

    static func mixtureProducts(
        _ operation: MixtureProducts,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, gates, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let count = operation.selections.count
        let sums = PartialSums(values: count)
        var starts = [0]
        var places: [Int] = []
        for own in operation.selections {
            for other in operation.selections {
                for (place, expert) in own.enumerated() where operation.included[expert] {
                    for (second, selected) in other.enumerated() where selected == expert {
                        places += [place, second]
                    }
                }
                starts.append(places.count / 2)
            }
        }
        let pairs = (starts: Constants<Int32>(starts), places: Constants<Int32>(places))
        let choices = Int64(context.width(gates))
        let width = Int64(context.width(upstream))
        return KernelInstruction(node, [context.shape(gates)[1]]) { memory, sizes in
            motet_mixture_products(
                memory.floats(upstream),
                memory.floats(gates),
                pairs.starts.numbers,
                pairs.places.numbers,
                Int64(count),
                choices,
                Int64(sizes[0]),
                width,
                sums.numbers,
                memory.floats(result)
            )
        }
    }

    static func weightedSum(
        _ operation: WeightedSum,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let values = Array(node.inputs.dropLast())
        let (factors, result) = (node.inputs[values.count], node.outputs[0])
        let terms = PointerList(values.count)
        let places = Constants<Int32>(operation.places.flatMap { $0 })
        let slices = Int64(operation.places[0].count)
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            for (index, value) in values.enumerated() {
                terms[index] = UnsafePointer(memory.floats(value))
            }
            motet_weighted_sum(
                terms.pointers,
                Int64(values.count),
                memory.floats(factors),
                places.numbers,
                slices,
                Int64(sizes[0]),
                memory.floats(result)
            )
        }
    }

    static func signDropout(
        _ operation: SignDropout,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let values = Array(node.inputs.dropLast(2))
        let (factors, step) = (node.inputs[values.count], node.inputs[values.count + 1])
        let result = node.outputs[0]
        let terms = PointerList(values.count)
        let places = Constants<Int32>(operation.sum.places.flatMap { $0 })
        let slices = Int64(operation.sum.places[0].count)
        return KernelInstruction(node, [context.count(result)]) { memory, sizes in
            for (index, value) in values.enumerated() {
                terms[index] = UnsafePointer(memory.floats(value))
            }
            let key = operation.key.split(Int(memory.integers(step)[0]))
            motet_sign_dropout(
                terms.pointers,
                Int64(values.count),
                memory.floats(factors),
                places.numbers,
                slices,
                Int64(sizes[0]),
                operation.leak,
                key.value,
                memory.floats(result)
            )
        }
    }
}
