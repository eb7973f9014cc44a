"""The words of the pages, in Vietnamese and English. Statuses and advice have theirs elsewhere."""

from __future__ import annotations

from contracts.problems import Language, Text

BRAND = Text("Cổng Dịch vụ công quốc gia", "National Public Service Portal")
REHEARSAL = Text("Bản mô phỏng để diễn tập", "A stand-in to rehearse on")
SKIP = Text("Chuyển tới nội dung chính", "Skip to the content")
MAIN_MENU = Text("Menu chính", "Main menu")
FOLLOW = Text("Tra cứu hồ sơ", "Follow a dossier")
SUBMIT = Text("Nộp hồ sơ", "Submit a dossier")
QUESTIONS = Text("Hỏi đáp", "Questions")
FOOTER = Text(
    "Đây không phải Cổng Dịch vụ công quốc gia thật. Dữ liệu trên trang là dữ liệu diễn tập.",
    "This is not the real national portal. The data on it are for rehearsal.",
)

HOME_TITLE = Text("Theo dõi hồ sơ của bạn, từng bước một", "Follow your dossier, step by step")
HOME_LEAD = Text(
    "Nhập mã ghi trên giấy tiếp nhận hoặc mã tham chiếu khi nộp trực tuyến. "
    "Trang tự cập nhật ngay khi cơ quan chuyển bước.",
    "Enter the code on your receipt, or the reference of your online submission. "
    "The page updates itself as soon as the agency moves on.",
)
CODE_LABEL = Text("Mã hồ sơ hoặc mã tham chiếu", "Dossier code or reference")
CODE_HINT = Text(
    "Ví dụ H08.32.27-231120-0001 hoặc DV231120-7KQ3M9XA",
    "For example H08.32.27-231120-0001 or DV231120-7KQ3M9XA",
)
LOOK_UP = Text("Tra cứu", "Look up")
HOW_TITLE = Text("Nộp hồ sơ trực tuyến trong ba bước", "Submit online in three steps")
HOW = (
    (
        Text("Chọn thủ tục", "Choose a procedure"),
        Text("Tìm thủ tục theo lĩnh vực và chọn cơ quan tiếp nhận.", "Find it by field, and pick the agency."),
    ),
    (
        Text("Điền tờ khai", "Fill in the form"),
        Text("Thông tin được kiểm tra ngay khi bạn gửi.", "What you enter is checked as you send it."),
    ),
    (
        Text("Theo dõi kết quả", "Follow it"),
        Text(
            "Bổ sung giấy tờ hoặc rút hồ sơ ngay trên trang theo dõi.",
            "Hand in more papers or withdraw on the same page.",
        ),
    ),
)
FIELDS_TITLE = Text("Thủ tục theo lĩnh vực", "Procedures by field")
PROCEDURES_COUNT = Text("{count} thủ tục", "{count} procedures")

STATUS = Text("Trạng thái", "Status")
CODE = Text("Mã hồ sơ", "Dossier code")
REFERENCE = Text("Mã tham chiếu", "Reference")
NO_CODE_YET = Text("Chưa có, cơ quan sẽ cấp khi tiếp nhận", "None yet, the agency will give one")
OWNER = Text("Chủ hồ sơ", "Applicant")
AGENCY = Text("Cơ quan giải quyết", "Agency")
CHANNEL = Text("Hình thức nộp", "Handed in")
CHANNELS = {
    "direct": Text("Trực tiếp", "In person"),
    "online": Text("Trực tuyến", "Online"),
    "post": Text("Bưu chính công ích", "By public post"),
}
SUBMITTED_AT = Text("Ngày nộp", "Submitted")
DUE_AT = Text("Ngày hẹn trả", "Due")
DUE_IN = Text("còn {days} ngày", "in {days} days")
DUE_TODAY = Text("hôm nay", "today")
DUE_PAST = Text("quá {days} ngày", "{days} days ago")
TIMELINE = Text("Quá trình xử lý", "What has happened")
NO_STEPS = Text("Chưa có bước nào. Bước đầu tiên sẽ hiện ở đây.", "Nothing yet. The first step will show here.")
NOW = Text("Hiện tại", "Now")
BY = Text("Người xử lý", "Officer")
NEXT = Text("Việc cần làm", "What to do")
LIVE = Text("Tự động cập nhật", "Updates by itself")
LIVE_CHANGED = Text("Hồ sơ vừa có thay đổi: {status}", "The dossier has changed: {status}")
REQUESTS = Text("Yêu cầu bạn đã gửi", "What you have sent")
KINDS = {
    "submission": Text("Nộp hồ sơ", "Submission"),
    "supplement": Text("Bổ sung giấy tờ", "Supplement"),
    "withdrawal": Text("Rút hồ sơ", "Withdrawal"),
}
STATES = {
    "waiting": Text("Đang chuyển", "On its way"),
    "taken": Text("Cơ quan đã nhận", "With the agency"),
    "declined": Text("Không được chấp nhận", "Declined"),
}
REASON = Text("Lý do", "Reason")
ASKED_FOR = Text("Nội dung cơ quan yêu cầu", "What the agency asks for")
RESULTS = Text("Kết quả", "Result")
RESULT_PAPER = Text("Giấy tờ kết quả", "Result paper")
STAGES = (
    Text("Nộp", "Submitted"),
    Text("Tiếp nhận", "Received"),
    Text("Giải quyết", "In progress"),
    Text("Có kết quả", "Ready"),
    Text("Trả kết quả", "Returned"),
)
STAGE_DONE = Text("đã xong", "done")
STAGE_HERE = Text("đang ở bước này", "here now")

PROOF_TITLE = Text("Xem đầy đủ thông tin", "See everything")
PROOF_LEAD = Text(
    "Họ tên, ghi chú và kết quả chỉ hiện với người nộp hồ sơ.",
    "Names, notes and results are shown to the applicant only.",
)
PROOF_LABEL = Text(
    "Số định danh cá nhân hoặc số điện thoại đã khai", "Personal id or phone number given with the dossier"
)
PROOF_SEND = Text("Xác minh", "Confirm")
PROVEN = Text("Bạn đã xác minh là người nộp hồ sơ", "You have confirmed that this is yours")
SUPPLEMENT = Text("Bổ sung giấy tờ", "Hand in more papers")
SUPPLEMENT_LABEL = Text("Bạn bổ sung những gì?", "What are you handing in?")
SUPPLEMENT_HINT = Text(
    "Ghi tên giấy tờ, thông tin còn thiếu hoặc nội dung giải trình.",
    "Name the papers, the missing information, or explain.",
)
SUPPLEMENT_SEND = Text("Gửi bổ sung", "Send")
WITHDRAW = Text("Rút hồ sơ", "Withdraw the dossier")
WITHDRAW_LABEL = Text("Lý do rút hồ sơ", "Why do you withdraw it?")
WITHDRAW_SEND = Text("Gửi yêu cầu rút", "Send the withdrawal")
PROVE_FIRST = Text(
    "Hãy xác minh bạn là người nộp để bổ sung giấy tờ hoặc rút hồ sơ.",
    "Confirm that this is yours to hand in papers or to withdraw.",
)

SUBMIT_TITLE = Text("Nộp hồ sơ trực tuyến", "Submit a dossier online")
CHOOSE_PROCEDURE = Text("Chọn thủ tục", "Choose a procedure")
CHOOSE_LEAD = Text("Bạn cần làm thủ tục nào?", "Which procedure do you need?")
FILTER = Text("Tìm theo tên hoặc mã thủ tục", "Search by name or code")
NO_MATCH = Text("Không có thủ tục nào phù hợp.", "No procedure matches.")
CHANGE_PROCEDURE = Text("Chọn thủ tục khác", "Choose another one")
FEE = Text("Lệ phí", "Fee")
NO_FEE = Text("Không thu", "None")
TIME_LIMIT = Text("Thời hạn", "Time limit")
SAME_DAY = Text("Trong ngày", "Same day")
WORKING_DAYS = Text("{days} ngày làm việc", "{days} working days")
AGENCY_LABEL = Text("Cơ quan tiếp nhận", "Receiving agency")
CHOOSE = Text("Chọn…", "Choose…")
PROVINCIAL = Text("Cấp tỉnh", "Province")
WHO = Text("Nơi tiếp nhận và người nộp", "Where to, and who you are")
FULL_NAME = Text("Họ và tên", "Full name")
PERSONAL_ID = Text("Số định danh cá nhân (12 số)", "Personal id (12 digits)")
DATE_OF_BIRTH = Text("Ngày sinh", "Date of birth")
PHONE = Text("Số điện thoại", "Phone number")
EMAIL = Text("Thư điện tử", "E-mail")
OPTIONAL = Text("không bắt buộc", "optional")
FORM_TITLE = Text("Tờ khai điện tử", "E-form")
FORM_CONTENT = Text("Nội dung đề nghị", "What you ask for")
PROMISE = Text(
    "Tôi chịu trách nhiệm về tính chính xác của thông tin đã khai.",
    "What I have stated is true and complete.",
)
SEND = Text("Nộp hồ sơ", "Submit")
ERRORS_TITLE = Text("Hãy kiểm tra lại các mục sau", "Please check the following")
ONE_A_LINE = Text("Mỗi dòng một mục", "One a line")
ASK_TITLE = Text("Đặt câu hỏi cho cơ quan", "Ask an agency")
ASK_AGENCY = Text("Cơ quan", "Agency")
ASK_SUBJECT = Text("Tiêu đề", "Subject")
ASK_CONTENT = Text("Câu hỏi", "Your question")
ASK_SEND = Text("Gửi câu hỏi", "Send")
ASK_THANKS = Text(
    "Đã nhận câu hỏi. Câu trả lời sẽ hiện trên trang này.",
    "We have your question. The answer will show on this page.",
)
ANSWERED_TITLE = Text("Câu hỏi đã được trả lời", "Answered questions")
NO_ANSWERS = Text("Chưa có câu hỏi nào được trả lời.", "No question has been answered yet.")

NOT_FOUND_TITLE = Text("Không tìm thấy hồ sơ", "No such dossier")
NOT_FOUND_LEAD = Text(
    "Không có hồ sơ nào mang mã này trên Cổng. Hãy kiểm tra lại mã; hồ sơ vừa nộp tại quầy có thể "
    "cần ít giây để xuất hiện.",
    "There is no dossier with this code here. Check the code; one just handed in at a counter may take a few "
    "seconds to appear.",
)
PROBLEM_TITLE = Text("Chưa thực hiện được", "That did not work")
BACK = Text("Quay lại", "Back")


def say(text: Text, language: Language, **params: object) -> str:
    """The text in a language, its braces filled."""
    return text.render(language, params) if params else (text.vi if language == "vi" else text.en)
